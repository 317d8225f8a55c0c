package com.amazonaws.services.lambda.runtime.api.client;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Stands in for AWS's client where that can't be had: the same name, started in the same way. Text in, text out. */
public final class AWSLambda {
    private static final String API = "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/";

    public static void main(String[] args) throws Exception {
        Method handler;
        try {
            String[] name = args[0].split("::");
            handler = Class.forName(name[0], true, functionsOwn()).getMethod(name[1], String.class);
        } catch (ReflectiveOperationException problem) {
            post("init/error", error(problem));
            System.exit(1);
            return;
        }
        while (true) {
            HttpURLConnection next = (HttpURLConnection) new URL(API + "invocation/next").openConnection();
            String event = new String(next.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String to = "invocation/" + next.getHeaderField("Lambda-Runtime-Aws-Request-Id");
            try {
                post(to + "/response", (String) handler.invoke(null, event));
            } catch (InvocationTargetException problem) {
                post(to + "/error", error(problem.getCause()));
            }
        }
    }

    /** As AWS's does: classes, and jars in lib, of the function and of its layers. */
    private static ClassLoader functionsOwn() throws IOException {
        List<URL> places = new ArrayList<>();
        String task = System.getProperty("user.dir");
        places.add(new File(task + "/").toURI().toURL());
        for (String folder : new String[] {task + "/lib", "/opt/java/lib"}) {
            File[] jars = new File(folder).listFiles((at, name) -> name.endsWith(".jar"));
            for (File jar : jars == null ? new File[0] : jars) {
                places.add(jar.toURI().toURL());
            }
        }
        return new URLClassLoader(places.toArray(new URL[0]), ClassLoader.getSystemClassLoader());
    }

    private static String error(Throwable problem) {
        return "{\"errorType\":\"" + problem.getClass().getName() + "\",\"errorMessage\":\"" + problem.getMessage() + "\"}";
    }

    private static void post(String to, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(API + to).openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Lambda-Runtime-Function-Error-Type", "Runtime.Unknown");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        connection.getInputStream().readAllBytes();
    }
}
