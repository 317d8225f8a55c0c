package example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What Java functions ask of what they run in. */
public final class Shop {
    public static String echoes(String event) {
        System.out.println("in the log");
        return event;
    }

    public static String fails(String event) {
        throw new IllegalStateException("as asked");
    }

    public static String exits(String event) {
        System.exit(3);
        return event;
    }

    /** The heap in MiB, one of the platform's settings, and one that a function may have added. */
    public static String tells(String event) {
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        String added = System.getProperty("added");
        return "[" + heap + ",\"" + System.getenv("AWS_EXECUTION_ENV") + "\",\"" + added + "\"]";
    }

    /** AWS's client brings a library along, and loads it from /tmp. */
    public static String loads(String event) throws Exception {
        Path library = Path.of(System.getProperty("java.home"), "lib/libzip.so");
        Path copy = Files.copy(library, Path.of("/tmp/.library.so"), StandardCopyOption.REPLACE_EXISTING);
        System.load(copy.toString());
        return "true";
    }

    public static String grows(String event) {
        byte[][] kept = new byte[1024][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[1 << 20];
        }
        return String.valueOf(kept.length);
    }
}
