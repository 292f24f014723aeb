# shellcheck shell=bash
# gnutls-serv: any request is answered with 200 and a status page.
# Variants: default, weak.
# gnutls-serv binds to every address and has no option against it, hence the preloaded library.

serve() {
  local priority gnutls_serv
  gnutls_serv=$(need gnutls-serv)
  case $VARIANT in
    default) priority=NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2 ;;
    weak) priority=LEGACY:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+NULL:+MD5:+ANON-DH:+ANON-ECDH:%SERVER_PRECEDENCE ;;
    *) echo "gnutls: no variant $VARIANT" >&2; exit 64 ;;
  esac
  need cc > /dev/null
  # shellcheck disable=SC2154  # here: the directory of start
  cc -O1 -shared -fPIC -o "$WORKDIR/run/bind-loopback.so" "$here/kinds/bind-loopback.c" -ldl
  claim "$PORT"
  launch gnutls env GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null LD_PRELOAD="$WORKDIR/run/bind-loopback.so" \
    "$gnutls_serv" --http --port "$PORT" --priority "$priority" --disable-client-cert \
    --x509cafile "$CERTS/ca.pem" --x509certfile "$CERTS/server.pem" --x509keyfile "$CERTS/server.key"
  await "$WORKDIR/run/gnutls.pid" "$PORT" "$WORKDIR/logs/gnutls.log"
}

facts() { "$(need gnutls-serv)" --version | sed -n '1s/^/version=/p'; }
