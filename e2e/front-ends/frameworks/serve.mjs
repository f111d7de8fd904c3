import { createServer } from "node:http";
import { middleware } from "@line/bot-sdk";

// A bot server written with each framework, with the mistake its path names.
// serve.mjs FRAMEWORK PORT CHANNEL_SECRET

const [name, port, channelSecret] = process.argv.slice(2);
const checked = middleware({ channelSecret });
/** The official SDK's check, awaited by frameworks that know no `next`. */
const check = (request, response) =>
  new Promise((settle, fail) => {
    checked(request, response, (error) => (error ? fail(error) : settle()));
  });
const fails = async () => {
  throw new TypeError("Cannot read properties of undefined (reading 'source')");
};

const frameworks = {
  express4: async () => expressBot((await import("express4")).default),
  express5: async () => expressBot((await import("express")).default),
  fastify: async () => {
    const { fastify } = await import("fastify");
    const app = fastify({ bodyLimit: 100_000 });
    app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
      done(null, body);
    });
    app.post("/checked", async (request, reply) => {
      request.raw.rawBody = request.body;
      await check(request.raw, reply.raw);
      return "OK";
    });
    app.post("/ok", async () => "OK");
    app.post("/throws", fails);
    app.post("/nothing", async () => {});
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  koa: async () => {
    const { default: Koa } = await import("koa");
    const app = new Koa();
    app.silent = true;
    app.use(async (context) => {
      if (context.path === "/checked") await check(context.req, context.res);
      if (context.path === "/throws") await fails();
      if (context.path === "/ok" || context.path === "/checked") context.body = "OK";
      // "/nothing": the work is done, and nothing was said.
    });
    return app.callback();
  },
  hono: async () => {
    const { Hono } = await import("hono");
    const { bodyLimit } = await import("hono/body-limit");
    const { getRequestListener } = await import("@hono/node-server");
    const app = new Hono();
    app.post("/checked", async (context) => {
      await check(context.env.incoming, context.env.outgoing);
      return context.text("OK");
    });
    app.post("/ok", bodyLimit({ maxSize: 100_000 }), (context) => context.text("OK"));
    app.post("/throws", fails);
    app.post("/nothing", async () => {});
    return getRequestListener(app.fetch);
  },
  h3: async () => {
    const { createApp, createRouter, defineEventHandler, toNodeListener } = await import("h3");
    const router = createRouter();
    router.post(
      "/ok",
      defineEventHandler(() => "OK"),
    );
    router.post("/throws", defineEventHandler(fails));
    router.post(
      "/nothing",
      defineEventHandler(() => {}),
    );
    return toNodeListener(createApp().use(router));
  },
  polka: async () => {
    const { default: polka } = await import("polka");
    const app = polka();
    app.post("/ok", (_request, response) => response.end("OK"));
    app.post("/throws", fails);
    return app.handler;
  },
  restify: async () => {
    const { default: restify } = await import("restify");
    const app = restify.createServer();
    app.post("/checked", checked, (_request, response, next) => {
      response.send("OK");
      next();
    });
    app.post(
      "/parsed",
      ...restify.plugins.bodyParser({ maxBodySize: 100_000 }),
      (_q, response, next) => {
        response.send("OK");
        next();
      },
    );
    return app;
  },
};

function expressBot(express) {
  const app = express();
  // What people run: without it Express shows the stack to whoever asks.
  app.set("env", "production");
  app.post("/checked", checked, (_request, response) => response.send("OK"));
  app.post("/parsed", express.json(), checked, (_request, response) => response.send("OK"));
  app.post("/throws", fails);
  app.post("/ok", (_request, response) => response.send("OK"));
  return app;
}

// Programs often keep running so, and then nobody answers.
process.on("unhandledRejection", () => {});
const handler = await frameworks[name]();
if (name === "restify") handler.listen(Number(port), "127.0.0.1");
else createServer(handler).listen(Number(port), "127.0.0.1");
