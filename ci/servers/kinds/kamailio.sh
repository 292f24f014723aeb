# shellcheck shell=bash
# Kamailio's XCAP server (xhttp, xcap_server) without a proxy in front: Digest by its own auth module, documents in db_text.
#   PORT  HTTPS
# It speaks no SIP here.
# shellcheck disable=SC2016  # what is in single quotes are Kamailio's variables

settings() {
  owner=yes nonce_count=1
  case $VARIANT in
    default) ;;
    no-own-tree-check) owner=no ;;
    nonce-count-ignored) nonce_count=0 ;;
    *) echo "kamailio: no variant $VARIANT" >&2; exit 64 ;;
  esac
}

subscribers() { # the password of the user who speaks, and what is one's own
  local name key
  echo '  switch ($aU) {'
  while read -r name key; do
      printf '    case "%s": $var(key) = "%s"; $var(own) = "%s"; $var(second) = "%s"; break;\n' \
      "$(b_tid "$name")" "$key" "$(default_impu "$name")" "$(second_impu "$name")"
  done <<< "$USERS"
  echo '    default: $var(key) = ""; $var(own) = ""; $var(second) = "";'
  echo '  }'
}

configuration() {
  cat <<CONF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
listen=tls:127.0.0.1:$PORT
enable_tls=yes
tcp_connection_lifetime=30
tcp_accept_no_cl=yes
http_reply_parse=yes
server_header="Server: kamailio"
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules:/usr/lib/aarch64-linux-gnu/kamailio/modules:/usr/lib64/kamailio/modules:/usr/lib/kamailio/modules"
loadmodule "db_text.so"
loadmodule "kex.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "auth.so"
loadmodule "tls.so"
loadmodule "xhttp.so"
loadmodule "xcap_server.so"
modparam("tls", "config", "$WORKDIR/tls.cfg")
modparam("auth", "nonce_expire", 300)
modparam("auth", "nonce_count", $nonce_count)
modparam("auth", "qop", "auth")
modparam("auth", "nid_pool_no", 1)
modparam("db_text", "db_mode", 0)
modparam("xcap_server", "db_url", "text://$WORKDIR/dbtext")
modparam("xcap_server", "xcap_root", "/services")
modparam("xcap_server", "buf_size", 32768)

request_route { sl_send_reply("403", "No SIP here"); exit; }

event_route[xhttp:request] {
  \$var(stale) = "1";
$(subscribers)
  if (\$var(key) == "") { www_challenge("$REALM", "1"); exit; }
  \$var(rc) = pv_www_authenticate("$REALM", "\$var(key)", "0");
  # 16 says stale=true: the digest was right, but the nonce too old or its count not higher than the last one.
  if (\$var(rc) == -4 || \$var(rc) == -6) { www_challenge("$REALM", "17"); exit; }
  if (\$var(rc) < 0) { www_challenge("$REALM", "1"); exit; }
  \$xcapuri(u=>data) = \$hu;
  if (\$hu =~ "^/services/xcap-caps/global/index\$") {
    if (\$rm != "GET") { xhttp_reply("405", "Method Not Allowed", "", ""); exit; }
    xhttp_reply("200", "OK", "application/xcap-caps+xml", "<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\"/>");
    exit;
  }
  if (!(\$hu =~ "^/services/[^/]+/users/") || !(\$xcapuri(u=>xuid) =~ "^sips?:.+@.+")) { xhttp_reply("404", "Not Found", "", ""); exit; }
  \$var(uri) = \$xcapuri(u=>xuid);
$([ "$owner" = no ] || echo '  if ($var(uri) != $var(own) && $var(uri) != $var(second)) { xhttp_reply("403", "Forbidden", "", ""); exit; }')
  if (\$hdr(X-3GPP-Intended-Identity) != \$null) {
    \$var(intended) = \$(hdr(X-3GPP-Intended-Identity){s.rm,"});
    if (\$var(intended) != \$var(own) && \$var(intended) != \$var(second)) { xhttp_reply("403", "Forbidden", "", ""); exit; }
  }
  switch (\$rm) {
    case "PUT": xcaps_put("\$var(uri)", "\$hu", "\$rb"); exit;
    case "GET": xcaps_get("\$var(uri)", "\$hu"); exit;
    case "DELETE": xcaps_del("\$var(uri)", "\$hu"); exit;
  }
  append_to_reply("Allow: GET, PUT, DELETE\r\n");
  xhttp_reply("405", "Method Not Allowed", "", "");
  exit;
}
CONF
}

documents() { # one document that exists per user; the store is a table, so it is put there as its owner puts it
  local name key
  while read -r name key; do
    printf '<?xml version="1.0" encoding="UTF-8"?>\n<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><!-- %s --></ruleset>\n' "$name" > "$WORKDIR/run/document"
    curl -sf --max-time 5 --cacert "$CERTS/ca.pem" --connect-to "::127.0.0.1:$PORT" --digest -u "$(b_tid "$name"):$key" -T "$WORKDIR/run/document" \
      "https://$HOST/services/pres-rules/users/$(default_impu "$name")/index" || {
      echo "no document could be put" >&2
      end "$WORKDIR/run/kamailio.pid"
      exit 1
    }
  done <<< "$USERS"
}

serve() {
  # shellcheck disable=SC2034  # set by settings, used by configuration
  local kamailio owner nonce_count tables=/usr/share/kamailio/dbtext/kamailio
  kamailio=$(need kamailio)
  need curl > /dev/null
  settings
  rm -rf "$WORKDIR/dbtext"
  mkdir -p "$WORKDIR/dbtext"
  cp "$tables/version" "$tables/xcap" "$WORKDIR/dbtext/"
  cat > "$WORKDIR/tls.cfg" <<TLS
[server:default]
method = TLSv1.2+
certificate = $CERTS/server.pem
private_key = $CERTS/server.key
cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20
verify_certificate = no
require_certificate = no
TLS
  configuration > "$WORKDIR/kamailio.cfg"
  claim "$PORT"
  launch kamailio "$kamailio" -f "$WORKDIR/kamailio.cfg" -m 32 -M 4 -w "$WORKDIR" -Y "$WORKDIR/run" -DD -E
  await "$WORKDIR/run/kamailio.pid" "$PORT" "$WORKDIR/logs/kamailio.log"
  documents
}

facts() { "$(need kamailio)" -v | sed -n '1s/^version: /version=/p'; }
