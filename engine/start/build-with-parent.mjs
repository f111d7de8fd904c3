// Loaded before the build: it ends when the start command that began it has gone, and when it has done its work.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
