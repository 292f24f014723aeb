# shellcheck shell=bash
# nginx: a TLS front, two hosts by SNI. With ORIGIN=port it proxies everything there. Without, /services/ answers
# 401 with a bootstrapping challenge that no credentials satisfy, and the rest 404.
# Variants: default, weak, small-dhe; everything: weak with a second certificate, of an ECDSA key, and a client's is asked for, with what
# it was worth in the response header X-Client-Verify; tls-client: in clear text, and a client of whatever speaks TLS at ORIGIN.

# The second Oakley group of RFC 2409, 1024 bits: too small by every profile since Rel-11.
oakley2=FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A89\
9FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF

small_group() { # small_group FILE
  printf 'asn1=SEQUENCE:dh\n[dh]\np=INTEGER:0x%s\ng=INTEGER:2\n' "$oakley2" > "$WORKDIR/run/dh.cnf"
  openssl asn1parse -genconf "$WORKDIR/run/dh.cnf" -noout -out "$WORKDIR/run/dh.der"
  { echo '-----BEGIN DH PARAMETERS-----'; openssl base64 -in "$WORKDIR/run/dh.der"; echo '-----END DH PARAMETERS-----'; } > "$1"
}

tls_client() { # in clear text on PORT; /VERSION/ is asked of ORIGIN over TLS of that version, with every suite and with alice's certificate
  local version
  echo "  server {"
  echo "    listen 127.0.0.1:$PORT;"
  for version in TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; do
    cat <<CONF
    location /$version/ {
      proxy_pass https://127.0.0.1:$ORIGIN/;
      proxy_ssl_protocols $version;
      proxy_ssl_ciphers ALL:COMPLEMENTOFALL:@SECLEVEL=0;
      proxy_ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256;
      proxy_ssl_certificate $CERTS/client-alice.pem;
      proxy_ssl_certificate_key $CERTS/client-alice.key;
      proxy_ssl_session_reuse on;
    }
CONF
  done
  echo "  }"
}

host() { # host NAME REALM
  cat <<CONF
  server {
    listen 127.0.0.1:$PORT ssl;
    server_name $1;
    location / {
$(if [ -n "${ORIGIN:-}" ]; then cat <<PROXY
      proxy_pass http://127.0.0.1:$ORIGIN;
      proxy_http_version 1.1;
      proxy_set_header Host \$http_host;
      proxy_set_header Connection "";
PROXY
else echo "      return 404;"; fi)
    }
$([ -n "${ORIGIN:-}" ] || cat <<CHALLENGE
    location /services/ {
      add_header WWW-Authenticate 'Digest realm="$2", qop="auth", algorithm=MD5, nonce="\$request_id"' always;
      return 401;
    }
CHALLENGE
)
  }
CONF
}

serve() {
  local nginx protocols ciphers extra="" second="" account=""
  nginx=$(need nginx)
  protocols="TLSv1.2 TLSv1.3"
  ciphers="ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:AES128-SHA:AES256-SHA"
  case $VARIANT in
    default) ;;
    tls-client) : "${ORIGIN:?the port it is a client of}" ;;
    weak) protocols="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3" ciphers="ALL:eNULL:aNULL:@SECLEVEL=0" ;;
    everything)
      protocols="TLSv1 TLSv1.1 TLSv1.2 TLSv1.3" ciphers="ALL:eNULL:aNULL:@SECLEVEL=0"
      second="ssl_certificate $CERTS/server-ecdsa.pem; ssl_certificate_key $CERTS/server-ecdsa.key;"
      second+=" ssl_client_certificate $CERTS/ca.pem; ssl_verify_client optional; add_header X-Client-Verify \$ssl_client_verify always;"
      second+=" ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256;"
      ;;
    small-dhe) ciphers="DHE+AESGCM:ECDHE+AESGCM:AES128-SHA:@SECLEVEL=0"; extra="ssl_dhparam $WORKDIR/run/dh.pem;" ;;
    *) echo "nginx: no variant $VARIANT" >&2; exit 64 ;;
  esac
  if [ "$VARIANT" = weak ] || [ "$VARIANT" = everything ]; then
    openssl dhparam -out "$WORKDIR/run/dh.pem" -dsaparam 2048 2> /dev/null
    extra="ssl_dhparam $WORKDIR/run/dh.pem;"
  fi
  [ "$VARIANT" = small-dhe ] && small_group "$WORKDIR/run/dh.pem"
  [ "$(id -u)" = 0 ] && account="user www-data;"
  cat > "$WORKDIR/nginx.conf" <<CONF
$account
worker_processes 1;
daemon on;
pid $WORKDIR/run/nginx.pid;
error_log $WORKDIR/logs/nginx.log info;
events { worker_connections 512; }
http {
  access_log $WORKDIR/logs/access.log;
  client_body_temp_path $WORKDIR/run/body;
  proxy_temp_path $WORKDIR/run/proxy;
  fastcgi_temp_path $WORKDIR/run/fastcgi;
  uwsgi_temp_path $WORKDIR/run/uwsgi;
  scgi_temp_path $WORKDIR/run/scgi;
  default_type text/plain;
  server_tokens off;
  ssl_certificate $CERTS/server.pem;
  ssl_certificate_key $CERTS/server.key;
  ssl_protocols $protocols;
  ssl_ciphers $ciphers;
  ssl_session_cache shared:lab:1m;
  ssl_session_timeout 1d;
  $extra
  $second
$(if [ "$VARIANT" = tls-client ]; then tls_client; else host "$HOST" "$REALM"; host "$HOST2" "$REALM2"; fi)
}
CONF
  claim "$PORT"
  "$nginx" -e "$WORKDIR/logs/nginx.log" -p "$WORKDIR" -c "$WORKDIR/nginx.conf" < /dev/null > "$WORKDIR/logs/start.log" 2>&1 || {
    cat "$WORKDIR/logs/start.log" >&2
    grep -qi 'address already in use' "$WORKDIR/logs/start.log" && exit "$PORT_TAKEN"
    exit 1
  }
  await "$WORKDIR/run/nginx.pid" "$PORT" "$WORKDIR/logs/nginx.log"
}

facts() { "$(need nginx)" -v 2>&1 | sed 's/^nginx version: /version=/'; }
