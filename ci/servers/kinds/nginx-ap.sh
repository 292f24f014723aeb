# shellcheck shell=bash
# nginx as TLS front of httpd, which is the authentication proxy of apache-ap without TLS, with its application server behind it.
#   PORT    HTTPS, nginx
#   PORT+1  HTTP, httpd as authentication proxy
#   PORT+2  HTTP, the application server; the proxy goes to ORIGIN=port instead if that is set
# Variants: default; cache, no-entity-tags, conditions-dropped, early-data (nginx is wrong); loopback-trusted (httpd is wrong).

# shellcheck source=ci/servers/kinds/apache-ap.sh disable=SC2154
. "$here/kinds/apache-ap.sh"

front() { # front NAME: what nginx does for one host
  cat <<CONF
  server {
    listen 127.0.0.1:$PORT ssl;
    server_name $1;
    location / {
      proxy_pass http://127.0.0.1:$((PORT + 1));
      proxy_http_version 1.1;
      proxy_set_header Host \$http_host;
      proxy_set_header Connection "";
      $extra
    }
  }
CONF
}

nginx_configuration() {
  cat <<CONF
$([ "$(id -u)" != 0 ] || echo "user www-data;")
worker_processes 1;
daemon on;
pid $WORKDIR/run/nginx-ap.pid;
error_log $WORKDIR/logs/nginx-ap.log info;
events { worker_connections 512; }
http {
  access_log $WORKDIR/logs/nginx-access.log;
  client_body_temp_path $WORKDIR/run/body;
  proxy_temp_path $WORKDIR/run/proxy;
  fastcgi_temp_path $WORKDIR/run/fastcgi;
  uwsgi_temp_path $WORKDIR/run/uwsgi;
  scgi_temp_path $WORKDIR/run/scgi;
  proxy_cache_path $WORKDIR/run/cache keys_zone=answers:1m;
  default_type text/plain;
  server_tokens off;
  ssl_certificate $CERTS/server.pem;
  ssl_certificate_key $CERTS/server.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  ssl_prefer_server_ciphers on;
  ssl_session_cache shared:lab:1m;
  ssl_session_timeout 1d;
$([ "$VARIANT" != early-data ] || echo "  ssl_early_data on;")
$(front "$HOST")
$(front "$HOST2")
}
CONF
}

serve() {
  local nginx extra="" variant=$VARIANT
  nginx=$(need nginx)
  # Without its own Cache-Control an answer is kept for every client, and conditional requests are not passed on.
  case $VARIANT in
    default) ;;
    cache) extra="proxy_cache answers; proxy_cache_valid 200 1m;" variant=default ;;
    no-entity-tags) extra="proxy_hide_header ETag;" variant=default ;;
    conditions-dropped) extra='proxy_set_header If-Match ""; proxy_set_header If-None-Match "";' variant=default ;;
    early-data) variant=default ;;
    loopback-trusted) ;;
    *) echo "nginx-ap: no variant $VARIANT" >&2; exit 64 ;;
  esac
  claim "$PORT"
  # What is trusted here is the front's address: every client seems to be the front.
  PORT=$((PORT + 1)) TLS=no VARIANT=$variant serve_httpd
  nginx_configuration > "$WORKDIR/nginx.conf"
  "$nginx" -e "$WORKDIR/logs/nginx-ap.log" -p "$WORKDIR" -c "$WORKDIR/nginx.conf" < /dev/null > "$WORKDIR/logs/start-nginx.log" 2>&1 || {
    cat "$WORKDIR/logs/start-nginx.log" >&2
    end "$WORKDIR/run/apache-ap.pid"
    grep -qi 'address already in use' "$WORKDIR/logs/start-nginx.log" && exit "$PORT_TAKEN"
    exit 1
  }
  await "$WORKDIR/run/nginx-ap.pid" "$PORT" "$WORKDIR/logs/nginx-ap.log"
}

facts() {
  echo "as=127.0.0.1:$((PORT + 2))"
  echo "version=$("$(need nginx)" -v 2>&1 | sed 's/^nginx version: //'), $("$(need apache2)" -v | sed -n 's/^Server version: //p')"
}
