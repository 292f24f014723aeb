# shellcheck shell=bash
# Apache httpd as authentication proxy, and as the XCAP application server behind it (a mod_dav store).
#   PORT    HTTPS, the authentication proxy, two hosts by SNI; in clear text where another kind ends TLS in front of it
#   PORT+1  HTTP, the application server; the proxy goes to ORIGIN=port instead if that is set
#   PORT+2  HTTP, the same Ut service as on PORT (cleartext-too only)

settings() { # what the variant changes; everything else is the conforming proxy
  certificate=server verify_client=none tickets=On nonce_lifetime=300 session_timeout=86400
  cache="shmcb:$WORKDIR/run/sessions(512000)"
  authenticate=yes check=yes insert_default=yes strip=yes own_tree=yes basic=no cleartext=no
  protocols='-all +TLSv1.2 +TLSv1.3' suites=ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:AES128-SHA:AES256-SHA
  trace=Off aliases=strip forwarded_user=no authorization=remove global=no alias=""
  fourth="" told=no handshake=10
  case $VARIANT in
    default) ;;
    no-identity-check) check=no ;;
    no-default-impu) insert_default=no ;;
    trust-client-asserted) strip=no ;;
    no-authentication) authenticate=no check=no insert_default=no own_tree=no ;;
    no-own-tree-check) own_tree=no ;;
    basic-too) basic=yes ;;
    # What profiles up to Rel-8 make mandatory, and nothing else; TLS 1.0 and 1.1 need OpenSSL's lowest level.
    rel8) protocols='-all +TLSv1 +TLSv1.1 +TLSv1.2' suites=AES128-SHA:@SECLEVEL=0 ;;
    no-resumption) cache=none tickets=Off ;;
    session-cache) tickets=Off ;;
    client-cert-required) verify_client=require ;;
    short-nonce) nonce_lifetime=2 ;;
    expired-certificate) certificate=server-expired ;;
    wrong-name) certificate=server-wrong-name ;;
    cleartext-too) cleartext=yes ;;
    client-cert-optional) verify_client=optional ;;
    short-sessions) session_timeout=2 ;;
    one-time-nonces) nonce_lifetime=0 ;;
    trace) trace=On ;;
    aliases-passed) aliases=pass ;;
    forwarded-user-trusted) forwarded_user=yes ;;
    authorization-passed) authorization=pass ;;
    identity-checked-on-get) check="get" ;;
    identity-oracle) check=oracle ;;
    authentication-on-get) authenticate=get own_tree=unless-anonymous ;;
    loopback-trusted) authenticate=strangers own_tree=unless-anonymous ;;
    raw-path) own_tree=raw ;;
    case-blind) own_tree=case-blind ;;
    global-writable) global=yes ;;
    # Four subscribers know a password, and the fourth may not use the service; without the check he goes on to the server.
    service-checked) fourth=refused ;;
    service-unchecked) fourth=admitted ;;
    second-host-told) told=yes ;;
    short-handshake) handshake=3 ;;
    second-host-alias) alias="ServerAlias $HOST2" ;;
    *) echo "apache-ap: no variant $VARIANT" >&2; exit 64 ;;
  esac
}

quote() { printf %s "$1" | sed 's/[.+=]/\\&/g'; } # for a regular expression

store() { # the users' empty trees, one document that exists per user, xcap-caps
  local name key auid impu
  while read -r name key; do
    printf '%s:%s\n' "$(b_tid "$name")" "$(openssl passwd -apr1 "$key")" >> "$WORKDIR/run/htpasswd"
    # shellcheck disable=SC2153
    for realm in "$REALM" "$REALM2"; do
      printf '%s:%s:%s\n' "$(b_tid "$name")" "$realm" \
        "$(printf '%s:%s:%s' "$(b_tid "$name")" "$realm" "$key" | md5sum | cut -d' ' -f1)" >> "$WORKDIR/run/htdigest"
    done
    for auid in $AUIDS; do
      for impu in "$(default_impu "$name")" "$(second_impu "$name")"; do
        mkdir -p "$WORKDIR/store/services/$auid/users/$impu"
      done
    done
    printf '<?xml version="1.0" encoding="UTF-8"?>\n<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><!-- %s --></ruleset>\n' \
      "$name" > "$WORKDIR/store/services/pres-rules/users/$(default_impu "$name")/index"
  done <<< "$USERS"
  [ -z "$fourth" ] || for realm in "$REALM" "$REALM2"; do
    printf '%s:%s:%s\n' "$(b_tid dave)" "$realm" \
      "$(printf '%s:%s:%s' "$(b_tid dave)" "$realm" a2V5LW9mLWRhdmUtMDAwMDE= | md5sum | cut -d' ' -f1)" >> "$WORKDIR/run/htdigest"
  done
  mkdir -p "$WORKDIR/store/services/xcap-caps/global"
  [ "$global" = no ] || for auid in $AUIDS; do mkdir -p "$WORKDIR/store/services/$auid/global"; done
  {
    echo '<?xml version="1.0" encoding="UTF-8"?>'
    echo '<xcap-caps xmlns="urn:ietf:params:xml:ns:xcap-caps"><auids><auid>xcap-caps</auid>'
    for auid in $AUIDS; do echo "<auid>$auid</auid>"; done
    echo '</auids><extensions/><namespaces><namespace>urn:ietf:params:xml:ns:xcap-caps</namespace></namespaces></xcap-caps>'
  } > "$WORKDIR/store/services/xcap-caps/global/index"
}

client_identity_headers() { # nothing that a client claims about identity may reach the application server
  [ "$strip" = yes ] && echo "  RequestHeader unset X-3GPP-Asserted-Identity early"
  for header in X_3GPP_Asserted_Identity X-XCAP-Asserted-Identity P-Asserted-Identity X-3GPP-Authorization-Flags X-Forwarded-User X-Seen-TLS; do
    [ "$aliases" = strip ] || continue
    [ "$forwarded_user$header" != yesX-Forwarded-User ] || continue
    echo "  RequestHeader unset $header early"
  done
}

asserted_identity() { # set from what was verified; one line per identity, so that the value is ours and not the client's
  local name impu unset='-z %{req:X-3GPP-Asserted-Identity}'
  if [ "$check" = no ]; then
    [ "$authenticate" = no ] || echo "    RequestHeader set X-3GPP-Asserted-Identity \"expr=%{req:X-3GPP-Intended-Identity}\" \"expr=-n %{req:X-3GPP-Intended-Identity}\""
  fi
  [ "$forwarded_user" = no ] || echo "    RequestHeader set X-3GPP-Asserted-Identity \"expr=%{req:X-Forwarded-User}\" \"expr=-n %{req:X-Forwarded-User}\""
  while read -r name _; do
    for impu in "$(default_impu "$name")" "$(second_impu "$name")"; do
      [ "$check" = no ] || echo "    RequestHeader set X-3GPP-Asserted-Identity '\"$impu\"' \"expr=$unset && %{REMOTE_USER} == '$(b_tid "$name")' && %{req:X-3GPP-Intended-Identity} =~ m#^.?$(quote "$impu").?\$#\""
    done
    [ "$insert_default" = no ] || echo "    RequestHeader set X-3GPP-Asserted-Identity '\"$(default_impu "$name")\"' \"expr=$unset && %{REMOTE_USER} == '$(b_tid "$name")' && -z %{req:X-3GPP-Intended-Identity}\""
  done <<< "$USERS"
}

intended_identity() { # 403 unless it is one of the authenticated user's. Require expr would answer 401 here.
  [ "$check" != no ] || return 0
  echo "    RewriteEngine On"
  local name own all=""
  if [ "$check" = oracle ]; then # 404 for an identity that nobody has, 403 for somebody else's
    while read -r name _; do
      all+="|$(quote "$(default_impu "$name")")|$(quote "$(second_impu "$name")")"
    done <<< "$USERS"
    echo "    RewriteCond %{HTTP:X-3GPP-Intended-Identity} ."
    printf '    RewriteCond %%{HTTP:X-3GPP-Intended-Identity} "!^\\x22?(%s)\\x22?$"\n' "${all#|}"
    echo "    RewriteRule ^ - [R=404,L]"
  fi
  [ "$check" != get ] || echo "    RewriteCond %{REQUEST_METHOD} =GET"
  echo "    RewriteCond %{HTTP:X-3GPP-Intended-Identity} ."
  while read -r name _; do
    own="$(quote "$(default_impu "$name")")|$(quote "$(second_impu "$name")")"
    printf '    RewriteCond "%%{REMOTE_USER}|%%{HTTP:X-3GPP-Intended-Identity}" "!^%s\\|(\\x22(%s)\\x22|%s)$"\n' \
      "$(quote "$(b_tid "$name")")" "$own" "$own"
  done <<< "$USERS"
  echo "    RewriteRule ^ - [F]"
}

authentication() { # authentication REALM
  if [ "$authenticate" = no ]; then
    echo "    Require all granted"
    return
  fi
  cat <<CONF
    AuthType Digest
    AuthName "$1"
    AuthDigestProvider file
    AuthUserFile $WORKDIR/run/htdigest
    AuthDigestQop auth
    AuthDigestNonceLifetime $nonce_lifetime
$(case $authenticate in
  yes)
    if [ "$fourth" = refused ]; then
      echo "    AuthzSendForbiddenOnFailure On"
      echo "    Require user $(while read -r name _; do b_tid "$name"; printf ' '; done <<< "$USERS")"
    else echo "    Require valid-user"; fi
    ;;
  get) printf '    <Limit GET HEAD>\n      Require valid-user\n    </Limit>\n' ;;
  # What the old "Satisfy Any" meant: an address is as good as a password.
  strangers) printf '    <RequireAny>\n      Require ip 127.0.0.1\n      Require valid-user\n    </RequireAny>\n' ;;
esac)
CONF
  [ "$basic" = no ] || cat <<CONF
    <If "%{HTTP:Authorization} =~ /^Basic /i">
      AuthType Basic
      AuthBasicProvider file
      AuthUserFile $WORKDIR/run/htpasswd
    </If>
CONF
}

proxy_host() { # proxy_host PORT NAME REALM TRUSTED TLS
  cat <<CONF
<VirtualHost 127.0.0.1:$1>
  ServerName $2
$([ "$2" != "$HOST" ] || echo "  $alias")
$(if [ "$5" = yes ]; then cat <<TLS
  SSLEngine on
  SSLCertificateFile $CERTS/$certificate.pem
  SSLCertificateKeyFile $CERTS/$certificate.key
  SSLCACertificateFile $CERTS/ca.pem
  SSLVerifyClient $verify_client
  SSLProtocol $protocols
  SSLCipherSuite $suites
  SSLSessionTickets $tickets
  SSLSessionTicketKeyFile $WORKDIR/run/ticket.key
TLS
fi)
$(client_identity_headers)
  AllowEncodedSlashes NoDecode
  ProxyPreserveHost On
  ProxyPass / http://127.0.0.1:${ORIGIN:-$((PORT + 1))}/ nocanon
  <Location />
$(authentication "$3")
$(if [ "$4" = yes ]; then asserted_identity; else echo "    RequestHeader unset X-3GPP-Asserted-Identity"; fi)
    RequestHeader unset X-3GPP-Intended-Identity
$(intended_identity)
$([ "$authorization" = pass ] || echo "    RequestHeader unset Authorization")
    RequestHeader edit* Connection "(?i)x-3gpp-[a-z-]*" "close"
$([ "$5" = no ] || echo '    RequestHeader set X-Seen-TLS "%{SSL_PROTOCOL}s %{SSL_CIPHER}s resumed=%{SSL_SESSION_RESUMED}s verify=%{SSL_CLIENT_VERIFY}s"')
  </Location>
</VirtualHost>
CONF
}

owners() { # who may touch which tree
  local name impu asked='%{REQUEST_URI}' before='^'
  [ "$global" = no ] || echo "    Require expr \"%{REQUEST_URI} =~ m#^/services/[^/]+/global/#\""
  case $own_tree in
    no) echo "    Require all granted"; return ;;
    unless-anonymous) echo "    Require expr \"-z %{HTTP:X-3GPP-Asserted-Identity}\"" ;;
    raw) asked='%{THE_REQUEST}' before='^[A-Z]+ ' ;;
    case-blind)
      # Each tree is forbidden to all but its owner, in the spelling of the request; the store finds it in any.
      echo "    <RequireAll>"
      while read -r name _; do
        for impu in "$(default_impu "$name")" "$(second_impu "$name")"; do
          echo "      Require expr \"! (%{reqenv:ASKED} =~ m#^/services/[^/]+/users/$(quote "$impu")/#) || %{HTTP:X-3GPP-Asserted-Identity} == '\\\"$impu\\\"'\""
        done
      done <<< "$USERS"
      echo "    </RequireAll>"
      return
      ;;
  esac
  while read -r name _; do
    for impu in "$(default_impu "$name")" "$(second_impu "$name")"; do
      echo "    Require expr \"%{HTTP:X-3GPP-Asserted-Identity} == '\\\"$impu\\\"' && $asked =~ m#$before/services/[^/]+/users/$(quote "$impu")/#\""
    done
  done <<< "$USERS"
}

application_server() {
  cat <<CONF
<VirtualHost 127.0.0.1:$((PORT + 1))>
  ServerName $HOST
  ServerAlias $HOST2
$([ "$own_tree" != case-blind ] || cat <<'BLIND'
  SetEnvIf Request_URI "^(.*)$" ASKED=$1
  RewriteEngine On
  RewriteMap lower int:tolower
  RewriteRule "^/services/([^/]+)/users/([^/]+)/(.*)$" "/services/$1/users/${lower:$2}/$3"
BLIND
)
  DocumentRoot $WORKDIR/store
  <Directory $WORKDIR/store>
    DAV On
    AllowMethods GET HEAD PUT DELETE OPTIONS
    FileETag Digest
    AllowOverride None
    Options None
    Require all granted
  </Directory>
  <Location /services>
    AuthzSendForbiddenOnFailure On
    <RequireAny>
$(owners)
    </RequireAny>
  </Location>
  <Location /services/xcap-caps/>
    AllowMethods GET HEAD OPTIONS
    Require all granted
    ForceType application/xcap-caps+xml
  </Location>
$(for pair in pres-rules:auth-policy org.openmobilealliance.pres-rules:auth-policy resource-lists:resource-lists rls-services:rls-services pidf-manipulation:pidf; do
  printf '  <Location /services/%s/>\n    ForceType application/%s+xml\n  </Location>\n' "${pair%%:*}" "${pair#*:}"
done)
  Header always set X-Echo-Asserted "expr=%{req:X-3GPP-Asserted-Identity}"
  Header always set X-Echo-Intended "expr=%{req:X-3GPP-Intended-Identity}"
  Header always set X-Echo-TLS "expr=%{req:X-Seen-TLS}"
</VirtualHost>
CONF
}

modules() {
  local directory=/usr/lib/apache2/modules module
  for module in mpm_event unixd authn_core authn_file authz_core authz_user auth_basic auth_digest allowmethods alias headers \
    mime proxy proxy_http ssl socache_shmcb dav dav_fs log_config reqtimeout rewrite setenvif authz_host; do
    [ -e "$directory/mod_$module.so" ] && echo "LoadModule ${module}_module $directory/mod_$module.so"
  done
}

configuration() {
  cat <<CONF
ServerRoot "$WORKDIR"
PidFile $WORKDIR/run/apache-ap.pid
DefaultRuntimeDir $WORKDIR/run
ServerName $HOST
$(modules)
$([ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n')
ServerLimit 1
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAlive On
KeepAliveTimeout 15
MaxKeepAliveRequests 0
RequestReadTimeout handshake=$handshake header=20 body=20
ErrorLog $WORKDIR/logs/apache-ap.log
LogLevel warn ssl:info
LogFormat "%v %u \"%r\" %>s tls=%{SSL_PROTOCOL}x/%{SSL_CIPHER}x/%{SSL_SESSION_RESUMED}x" lab
CustomLog $WORKDIR/logs/access.log lab
SSLSessionCache $cache
SSLSessionCacheTimeout $session_timeout
TypesConfig $WORKDIR/run/mime.types
# One-time nonces are kept in memory, and the usual size is enough for a handful.
AuthDigestShmemSize 256K
DAVLockDB $WORKDIR/run/davlock
TraceEnable $trace
Listen 127.0.0.1:$PORT
Listen 127.0.0.1:$((PORT + 1))
$(proxy_host "$PORT" "$HOST" "$REALM" yes "${TLS:-yes}")
$([ -n "$alias" ] || proxy_host "$PORT" "$HOST2" "$REALM2" "$told" "${TLS:-yes}")
$([ "$cleartext" = no ] || { echo "Listen 127.0.0.1:$((PORT + 2))"; proxy_host $((PORT + 2)) "$HOST" "$REALM" yes no; })
$(application_server)
CONF
}

serve_httpd() {
  # shellcheck disable=SC2034  # set by settings, used by configuration
  local httpd certificate verify_client tickets nonce_lifetime session_timeout cache authenticate check insert_default strip own_tree basic cleartext
  # shellcheck disable=SC2034  # the same
  local trace aliases forwarded_user authorization global alias fourth told handshake protocols suites
  httpd=$(need apache2)
  settings
  rm -rf "$WORKDIR/store" "$WORKDIR/run/htdigest" "$WORKDIR/run/htpasswd"
  store
  : > "$WORKDIR/run/mime.types"
  # A key of its own lets tickets live through a restart.
  openssl rand -out "$WORKDIR/run/ticket.key" 48
  configuration > "$WORKDIR/httpd.conf"
  if [ "$(id -u)" = 0 ]; then
    chmod o+x "$WORKDIR"
    chown -R www-data:www-data "$WORKDIR/store" "$WORKDIR/run"
    runuser -u www-data -- test -w "$WORKDIR/store" || {
      echo "$WORKDIR cannot be reached by www-data, as which httpd runs when root starts it" >&2
      exit 1
    }
  fi
  claim "$PORT" $((PORT + 1)) $((PORT + 2))
  "$httpd" -f "$WORKDIR/httpd.conf" -k start < /dev/null > "$WORKDIR/logs/start.log" 2>&1 || {
    cat "$WORKDIR/logs/start.log" >&2
    grep -qi 'address already in use' "$WORKDIR/logs/start.log" && exit "$PORT_TAKEN"
    exit 1
  }
  await "$WORKDIR/run/apache-ap.pid" "$PORT" "$WORKDIR/logs/apache-ap.log"
}

serve() { serve_httpd; }

facts() {
  echo "as=127.0.0.1:$((PORT + 1))"
  [ "$VARIANT" != cleartext-too ] || echo "cleartext=127.0.0.1:$((PORT + 2))"
  "$(need apache2)" -v | sed -n 's/^Server version: /version=/p'
}
