// npm start: the whole product in one command, stopped in order by one Ctrl-C.
import { parseArgs } from "node:util";
import { currentEnv } from "./child-env.ts";
import { runProduct } from "./run-product.ts";

const { values } = parseArgs({ options: { dev: { type: "boolean", default: false } } });

await runProduct({ source: currentEnv(), say: (line) => console.log(line), dev: values.dev });
