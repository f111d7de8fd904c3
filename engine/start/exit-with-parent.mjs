// Loaded before a program that is not ours: it ends when the start command that began it has gone.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
