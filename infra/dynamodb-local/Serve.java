import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local on one address. Its own main class listens on every interface of the machine and
 * has no option about it; the parts that it puts together are public, so they are put together
 * here. Telemetry is what that main class configures: without it there is none.
 */
public final class Serve {
  private static final int UNUSED = 0;
  private static final boolean IN_MEMORY = true;
  private static final String NO_FILE = null;
  /** Functions, tests and a console see the same tables, whatever credentials and region each has. */
  private static final boolean SHARED = true;
  private static final boolean DELAYS = false;
  /** No page of a browser may read what is here. */
  private static final String ORIGINS = "none";

  public static void main(String[] arguments) throws Exception {
    String host = arguments[0];
    int port = Integer.parseInt(arguments[1]);
    Server server = new Server(new InetSocketAddress(host, port));
    var requests = new LocalDynamoDBRequestHandler(UNUSED, IN_MEMORY, NO_FILE, SHARED, DELAYS);
    server.setHandler(new ContextHandler(new LocalDynamoDBServerHandler(requests, ORIGINS), "/"));
    server.setStopAtShutdown(true);
    try {
      server.start();
      int taken = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
      String address = "http://" + host + ":" + taken;
      listTables(address);
      System.out.println(address);
      server.join();
    } catch (Exception error) {
      System.err.println("dynamodb-local: it did not start");
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        System.err.println("  " + cause);
      }
      System.exit(1);
    }
  }

  /** The first call opens the database, and so tells whether its native library fits. */
  private static void listTables(String address) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amz-Target", "DynamoDB_20120810.ListTables")
            .header("X-Amz-Date", "20260101T000000Z")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request,"
                    + " SignedHeaders=host;x-amz-date;x-amz-target, Signature=none")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          "DynamoDB Local answers " + answer.statusCode() + ": " + answer.body());
    }
  }
}
