// Bundles every page's `index.ts(x)` and `page.css` into static/dist/<app>/<page>.{js,css}; `--watch` rebuilds,
// `--tests` bundles `*.test.ts` into .cache/frontend-tests for node's own test runner.
import { context, build } from "esbuild";
import { readdirSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";

const APPS = ["merchants", "realtime", "commerce", "dramas", "rooms"];

function pages() {
  const entries = {};
  for (const app of APPS) {
    const root = join(app, "frontend");
    if (!existsSync(root)) continue;
    for (const page of readdirSync(root, { withFileTypes: true })) {
      if (!page.isDirectory()) continue;
      for (const name of ["index.ts", "index.tsx", "page.css"]) {
        const file = join(root, page.name, name);
        if (existsSync(file)) entries[`${app}/${page.name}${name === "page.css" ? ".style" : ""}`] = file;
      }
    }
  }
  return entries;
}

function tests(folder, found = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) tests(path, found);
    else if (/\.test\.tsx?$/.test(entry.name)) found.push(path);
  }
  return found;
}

const common = { bundle: true, format: "esm", target: "es2022", jsx: "automatic", jsxImportSource: "preact", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  rmSync(".cache/frontend-tests", { recursive: true, force: true });
  const entryPoints = APPS.filter((app) => existsSync(join(app, "frontend"))).flatMap((app) => tests(join(app, "frontend")));
  await build({ ...common, entryPoints, outdir: ".cache/frontend-tests", outbase: ".", platform: "node", outExtension: { ".js": ".mjs" } });
} else {
  const options = { ...common, entryPoints: pages(), outdir: "static/dist", minify: true, sourcemap: true, splitting: true, chunkNames: "chunks/[name]-[hash]", loader: { ".svg": "text" }, external: ["/static/*"] };
  if (process.argv.includes("--watch")) await (await context(options)).watch();
  else {
    rmSync("static/dist", { recursive: true, force: true });
    await build(options);
  }
}
