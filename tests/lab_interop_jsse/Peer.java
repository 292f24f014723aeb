import java.io.*;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;

/**
 * JSSE with nothing disabled, as server and as client, for tests/lab_interop_jsse.rs: one JVM for many handshakes.
 *
 * <p>Arguments: a folder, then for each server the names of its certificates in it (NAME.crt and NAME.p8, DER), with commas
 * between. It says which Java it is and where its servers listen, which ask for client certificates and give back every line.
 * Then it does what it is told on its input, one line each, and ends with it:
 *
 * <pre>
 * hello VERSION                       the ClientHello with every suite, in hexadecimal
 * call PORT VERSION SUITE NAME TIMES  so many connections that say a line and expect it back; NAME is a certificate or -
 * </pre>
 */
public final class Peer {
    private static final String LINE = "what is written comes back";
    private static final int LIMIT = 10_000;
    private static Path folder;

    public static void main(String[] arguments) throws Exception {
        for (String kind : List.of("tls.disabledAlgorithms", "certpath.disabledAlgorithms", "tls.legacyAlgorithms")) {
            Security.setProperty("jdk." + kind, "");
        }
        folder = Path.of(arguments[0]);
        ExecutorService pool = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        StringBuilder ready = new StringBuilder("ready " + System.getProperty("java.version"));
        for (String names : List.of(arguments).subList(1, arguments.length)) {
            ready.append(' ').append(serve(context(List.of(names.split(","))), pool));
        }
        System.out.println(ready);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            String answer;
            try {
                answer = words[0].equals("hello") ? hello(words[1]) : call(words);
            } catch (Exception exception) {
                answer = "failed " + exception.toString().replaceAll("\\s+", " ");
            }
            System.out.println(answer);
        }
    }

    private static SSLContext context(List<String> names) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        char[] password = "-".toCharArray();
        for (String name : names) {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            java.security.cert.Certificate certificate;
            try (InputStream file = Files.newInputStream(folder.resolve(name + ".crt"))) {
                certificate = factory.generateCertificate(file);
            }
            byte[] key = Files.readAllBytes(folder.resolve(name + ".p8"));
            String kind = certificate.getPublicKey().getAlgorithm();
            PrivateKey secret = KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(key));
            store.setKeyEntry(name, secret, password, new java.security.cert.Certificate[] {certificate});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Everybody()}, null);
        return context;
    }

    private static int serve(SSLContext context, ExecutorService pool) throws IOException {
        SSLServerSocketFactory factory = context.getServerSocketFactory();
        SSLServerSocket server =
            (SSLServerSocket) factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setEnabledProtocols(new String[] {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"});
        server.setEnabledCipherSuites(server.getSupportedCipherSuites());
        // Anonymous suites cannot ask, so that the server as a whole only wants.
        server.setWantClientAuth(true);
        pool.execute(() -> {
            while (true) {
                try {
                    SSLSocket socket = (SSLSocket) server.accept();
                    pool.execute(() -> answer(socket));
                } catch (IOException exception) {
                    return;
                }
            }
        });
        return server.getLocalPort();
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            socket.setSoTimeout(LIMIT);
            socket.setTcpNoDelay(true);
            for (String line = readLine(socket); line != null; line = readLine(socket)) {
                socket.getOutputStream().write((line + "\n").getBytes());
            }
        } catch (IOException exception) {
            // The client knows what it saw; why the server ended is for whoever looks.
            System.err.println(exception);
        }
    }

    /** A line octet by octet: what is read ahead must not hide the end of the connection. */
    private static String readLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = socket.getInputStream().read(); octet != -1; octet = socket.getInputStream().read()) {
            if (octet == '\n') {
                return line.toString();
            }
            line.append((char) octet);
        }
        return null;
    }

    private static String hello(String version) throws Exception {
        SSLEngine engine = context(List.of()).createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        engine.setEnabledCipherSuites(engine.getSupportedCipherSuites());
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return HexFormat.of().formatHex(record.array(), 0, record.position());
    }

    private static String call(String[] words) throws Exception {
        int port = Integer.parseInt(words[1]);
        List<String> names = words[4].equals("-") ? List.of() : List.of(words[4]);
        // A context for each call: only what it does itself can be resumed.
        SSLSocketFactory factory = context(names).getSocketFactory();
        String seen = "";
        for (int time = 0; time < Integer.parseInt(words[5]); time++) {
            InetAddress host = InetAddress.getLoopbackAddress();
            try (SSLSocket socket = (SSLSocket) factory.createSocket(host, port)) {
                socket.setSoTimeout(LIMIT);
                socket.setTcpNoDelay(true);
                socket.setEnabledProtocols(new String[] {words[2]});
                socket.setEnabledCipherSuites(new String[] {words[3]});
                socket.getOutputStream().write((LINE + "\n").getBytes());
                String line = readLine(socket);
                if (!LINE.equals(line)) {
                    return "failed " + line + " came back";
                }
                seen = socket.getSession().getProtocol() + " " + socket.getSession().getCipherSuite();
            }
        }
        return "done " + seen;
    }

    /** Trusts everybody, whatever the algorithms: an extended manager is asked for no further checks. */
    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
