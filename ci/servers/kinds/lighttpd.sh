# shellcheck shell=bash
# lighttpd as XCAP server without a proxy in front: Digest with SHA-256, a mod_webdav store, ownership by path.
#   PORT  HTTPS
# shellcheck disable=SC2016  # what is in single quotes are lighttpd's variables

settings() {
  # shellcheck disable=SC2153  # of lab.sh
  algorithm=SHA-256 realm=$REALM owner=yes check=yes
  case $VARIANT in
    default) ;;
    md5-too) algorithm="MD5|SHA-256" ;;
    wrong-realm) realm="XCAP documents" ;;
    no-own-tree-check) owner=no ;;
    no-identity-check) check=no ;;
    *) echo "lighttpd: no variant $VARIANT" >&2; exit 64 ;;
  esac
}

store() { # the users' empty trees, one document that exists per user, xcap-caps
  local name key auid impu hash
  while read -r name key; do
    for hash in md5sum sha256sum; do
      case "$algorithm $hash" in "SHA-256 md5sum") continue ;; esac
      printf '%s:%s:%s\n' "$(b_tid "$name")" "$realm" \
        "$(printf '%s:%s:%s' "$(b_tid "$name")" "$realm" "$key" | "$hash" | cut -d' ' -f1)" >> "$WORKDIR/run/htdigest"
    done
    for auid in $AUIDS; do
      for impu in "$(default_impu "$name")" "$(second_impu "$name")"; do
        mkdir -p "$WORKDIR/store/services/$auid/users/$impu"
      done
    done
    printf '<?xml version="1.0" encoding="UTF-8"?>\n<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><!-- %s --></ruleset>\n' \
      "$name" > "$WORKDIR/store/services/pres-rules/users/$(default_impu "$name")/index"
  done <<< "$USERS"
  mkdir -p "$WORKDIR/store/services/xcap-caps/global"
  echo '<?xml version="1.0" encoding="UTF-8"?><xcap-caps xmlns="urn:ietf:params:xml:ns:xcap-caps"/>' \
    > "$WORKDIR/store/services/xcap-caps/global/index"
}

protected() { # protected USERS: what needs whose password
  printf 'auth.require = ( "/services/" => ( "method" => "digest", "algorithm" => "%s", "realm" => "%s", "require" => "%s" ) )\n' \
    "$algorithm" "$realm" "$1"
}

trees() { # each tree for its owner, who may name either of the own identities and no other
  local name own
  protected valid-user
  while read -r name _; do
    own="$(default_impu "$name")|$(second_impu "$name")"
    own=${own//./\\.}
    echo "\$HTTP[\"url\"] =~ \"^/services/[^/]+/users/($own)/\" {"
    [ "$owner" = no ] || protected "user=$(b_tid "$name")"
    echo '  webdav.activate = "enable"'
    [ "$check" = no ] || printf '  $REQUEST_HEADER["X-3GPP-Intended-Identity"] !~ "^(|\\x22?(%s)\\x22?)$" {\n    url.access-deny = ( "" )\n  }\n' "$own"
    echo '}'
  done <<< "$USERS"
}

configuration() {
  cat <<CONF
server.modules = ( "mod_openssl", "mod_auth", "mod_authn_file", "mod_access", "mod_webdav" )
server.document-root = "$WORKDIR/store"
server.bind = "127.0.0.1"
server.port = $PORT
server.pid-file = "$WORKDIR/run/lighttpd.pid"
server.errorlog = "$WORKDIR/logs/lighttpd.log"
server.upload-dirs = ( "$WORKDIR/run" )
server.tag = ""
# Over HTTP/2 it writes two challenges into one field, which clients refuse.
server.feature-flags = ( "server.h2proto" => "disable" )
$([ "$(id -u)" != 0 ] || printf 'server.username = "www-data"\nserver.groupname = "www-data"\n')
ssl.engine = "enable"
ssl.pemfile = "$CERTS/server.pem"
ssl.privkey = "$CERTS/server.key"
ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2", "CipherString" => "ECDHE+AESGCM:ECDHE+CHACHA20", "Options" => "+ServerPreference" )
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "$WORKDIR/run/htdigest"
mimetype.assign = ( "" => "application/xml" )
\$HTTP["url"] =~ "^/services/pres-rules/" { mimetype.assign = ( "" => "application/auth-policy+xml" ) }
$(trees)
CONF
}

serve() {
  # shellcheck disable=SC2034  # set by settings, used by configuration
  local lighttpd algorithm realm owner check
  lighttpd=$(need lighttpd)
  settings
  rm -rf "$WORKDIR/store" "$WORKDIR/run/htdigest"
  store
  configuration > "$WORKDIR/lighttpd.conf"
  if [ "$(id -u)" = 0 ]; then
    chmod o+x "$WORKDIR"
    chown -R www-data:www-data "$WORKDIR/store" "$WORKDIR/run" "$WORKDIR/logs"
  fi
  claim "$PORT"
  "$lighttpd" -f "$WORKDIR/lighttpd.conf" < /dev/null > "$WORKDIR/logs/start.log" 2>&1 || {
    cat "$WORKDIR/logs/start.log" "$WORKDIR/logs/lighttpd.log" >&2
    grep -qi 'address already in use' "$WORKDIR/logs/start.log" "$WORKDIR/logs/lighttpd.log" && exit "$PORT_TAKEN"
    exit 1
  }
  await "$WORKDIR/run/lighttpd.pid" "$PORT" "$WORKDIR/logs/lighttpd.log"
}

facts() { "$(need lighttpd)" -v | sed -n '1s/^/version=/p'; }
