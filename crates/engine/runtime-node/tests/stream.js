const { setTimeout: pause } = require("timers/promises");
const { once } = require("events");

exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType("application/json");
  stream.write('["one",');
  if (event === "ok") {
    await pause(400);
    stream.write('"two"]');
  } else if (event === "fail") {
    throw new TypeError("in the middle");
  } else if (event === "exit") {
    await pause(100);
    process.exit(1);
  } else if (event === "hang") {
    await pause(3600_000);
  } else if (event === "long") {
    for (let i = 0; i < 20; i++) {
      await pause(50);
      stream.write(" ");
    }
    console.log("the end of it");
  } else if (event === "flood") {
    const piece = Buffer.alloc(1 << 16, " ");
    for (let i = 0; i < 4800; i++) {
      if (!stream.write(piece)) {
        await once(stream, "drain");
      }
      if (i === 1024) {
        console.log("sent 64 MB");
      }
    }
  }
  stream.end();
});
