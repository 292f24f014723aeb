# shellcheck shell=bash
# Apache httpd as a bare TLS server with every version and suite its OpenSSL has but those of pre-shared keys; what the client's
# certificate was worth stands in the response header X-Client-Verify. One document below /, /required/ and /asked/.
#   PORT    asks every client for a certificate and insists on none
#   PORT+1  asks in no handshake: whoever wants /required/ or /asked/ is asked later, by renegotiation or after the handshake of TLS 1.3
#   PORT+2  insists on a certificate
# Variants: everything, insecure-renegotiation (takes up renegotiation that is not bound to the handshake before); tls-client: in clear
# text, and a client of whatever speaks TLS at ORIGIN.

lab_modules() {
  local directory=/usr/lib/apache2/modules module
  for module in mpm_event unixd authz_core headers log_config proxy proxy_http reqtimeout ssl socache_shmcb; do
    [ -e "$directory/mod_$module.so" ] && echo "LoadModule ${module}_module $directory/mod_$module.so"
  done
}

lab_host() { # lab_host PORT VERIFY
  cat <<CONF
Listen 127.0.0.1:$1
<VirtualHost 127.0.0.1:$1>
  ServerName $HOST
  SSLEngine on
  SSLCertificateFile $CERTS/server.pem
  SSLCertificateKeyFile $CERTS/server.key
  SSLCertificateFile $CERTS/server-ecdsa.pem
  SSLCertificateKeyFile $CERTS/server-ecdsa.key
  SSLCACertificateFile $CERTS/ca.pem
  SSLProtocol -all +TLSv1 +TLSv1.1 +TLSv1.2 +TLSv1.3
  SSLCipherSuite ALL:eNULL:aNULL:@SECLEVEL=0
  SSLCipherSuite TLSv1.3 TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
  SSLVerifyClient $2
  SSLInsecureRenegotiation $insecure
  DocumentRoot $WORKDIR/store
  <Directory $WORKDIR/store>
    Require all granted
  </Directory>
$([ "$2" != none ] || printf '  <Location /required>\n    SSLVerifyClient require\n  </Location>\n  <Location /asked>\n    SSLVerifyClient optional\n  </Location>\n')
  Header always set X-Client-Verify "%{SSL_CLIENT_VERIFY}s"
</VirtualHost>
CONF
}

tls_client() { # in clear text; what is asked of PORT to PORT+3 is asked of ORIGIN over TLS 1.0 to 1.3, with alice's certificate
  # shellcheck disable=SC2153  # set by start
  local version port=$PORT
  cat "$CERTS/client-alice.pem" "$CERTS/client-alice.key" > "$WORKDIR/run/client.pem"
  for version in TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; do
    cat <<CONF
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
  ServerName $HOST
  SSLProxyEngine on
  SSLProxyProtocol -all +$version
  SSLProxyCipherSuite ALL:@SECLEVEL=0
  SSLProxyCipherSuite TLSv1.3 TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
  SSLProxyMachineCertificateFile $WORKDIR/run/client.pem
  SSLProxyVerify none
  SSLProxyCheckPeerName off
  SSLProxyCheckPeerExpire off
  ProxyPass / https://127.0.0.1:$ORIGIN/ disablereuse=On
</VirtualHost>
CONF
    port=$((port + 1))
  done
}

serve() {
  local httpd insecure=Off
  httpd=$(need apache2)
  case $VARIANT in
    everything) ;;
    tls-client) : "${ORIGIN:?the port it is a client of}" ;;
    insecure-renegotiation) insecure=On ;;
    *) echo "httpd: no variant $VARIANT" >&2; exit 64 ;;
  esac
  mkdir -p "$WORKDIR/store/required" "$WORKDIR/store/asked"
  for directory in . required asked; do echo document > "$WORKDIR/store/$directory/document"; done
  cat > "$WORKDIR/httpd.conf" <<CONF
ServerRoot "$WORKDIR"
PidFile $WORKDIR/run/httpd.pid
DefaultRuntimeDir $WORKDIR/run
ServerName $HOST
$(lab_modules)
$([ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n')
ServerLimit 1
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 16
KeepAlive On
MaxKeepAliveRequests 0
ErrorLog $WORKDIR/logs/httpd.log
LogLevel warn ssl:info
SSLSessionCache shmcb:$WORKDIR/run/sessions(512000)
SSLSessionCacheTimeout 86400
$(if [ "$VARIANT" = tls-client ]; then tls_client; else
  lab_host "$PORT" optional
  lab_host $((PORT + 1)) none
  lab_host $((PORT + 2)) require
fi)
CONF
  if [ "$(id -u)" = 0 ]; then
    chmod o+x "$WORKDIR"
    chown -R www-data:www-data "$WORKDIR/store" "$WORKDIR/run"
  fi
  claim "$PORT" $((PORT + 1)) $((PORT + 2)) $((PORT + 3))
  "$httpd" -f "$WORKDIR/httpd.conf" -k start < /dev/null > "$WORKDIR/logs/start.log" 2>&1 || {
    cat "$WORKDIR/logs/start.log" >&2
    grep -qi 'address already in use' "$WORKDIR/logs/start.log" && exit "$PORT_TAKEN"
    exit 1
  }
  await "$WORKDIR/run/httpd.pid" "$PORT" "$WORKDIR/logs/httpd.log"
}

facts() {
  echo "later=127.0.0.1:$((PORT + 1))"
  echo "insists=127.0.0.1:$((PORT + 2))"
  "$(need apache2)" -v | sed -n 's/^Server version: /version=/p'
}
