/**
 * Builds the page's assets: `node build.mjs [--out DIR] [--stats]`.
 *
 * The same sources and lock give the same bytes in any folder on any machine: no path, time or sourcemap is in them.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import * as esbuild from 'esbuild';

import { notice } from './notice.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const argument = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const out = path.resolve(argument('--out') ?? path.join(here, '../dashgen/preview/assets'));
process.chdir(here);

const ICONS = 'node_modules/@grafana/ui/dist/public/img/icons';

/** All icons of @grafana/ui, which asks a server for them one by one. */
const icons = {
  name: 'icons',
  setup(build) {
    build.onResolve({ filter: /^virtual:icons$/ }, () => ({ path: 'icons', namespace: 'icons' }));
    build.onLoad({ filter: /.*/, namespace: 'icons' }, () => {
      const found = {};
      for (const folder of fs.readdirSync(ICONS).sort()) {
        for (const file of fs.readdirSync(path.join(ICONS, folder)).sort()) {
          if (file.endsWith('.svg')) {
            found[`${folder}/${file}`] = fs.readFileSync(path.join(ICONS, folder, file), 'utf8');
          }
        }
      }
      return { contents: `export default ${JSON.stringify(found)}`, loader: 'js' };
    });
  },
};

/** Editors, maps and telemetry: @grafana/ui refers to them in components that the page never mounts. */
const UNUSED =
  /^(@monaco-editor\/react|monaco-editor|ol|ol\/.*|@grafana\/faro-web-sdk|slate|slate-.*|@codemirror\/.*|@lezer\/.*|codemirror|react-colorful|i18next-pseudo|i18next-browser-languagedetector|@uiw\/.*|prismjs.*|rc-cascader|@rc-component\/(cascader|time-picker|picker).*|rc-(time-)?picker|react-dropzone|@hello-pangea\/dnd|react-beautiful-dnd|jquery)$/;
const unused = {
  name: 'unused',
  setup(build) {
    build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: `const stub = new Proxy(function () {}, {
        get: (_, key) => (key === '__esModule' ? false : key === 'prototype' ? {} : key === Symbol.toPrimitive ? () => '' : stub),
        apply: () => stub,
        construct: () => ({}),
      });
      module.exports = stub;`,
      loader: 'js',
    }));
  },
};

/** @grafana/data checks its own theme definitions with zod, which probes for eval at load: they are taken as they are. */
const schemas = {
  name: 'schemas',
  setup(build) {
    build.onResolve({ filter: /^zod$/ }, () => ({ path: 'zod', namespace: 'schemas' }));
    build.onLoad({ filter: /.*/, namespace: 'schemas' }, () => ({
      contents: `const accept = { safeParse: (data) => ({ success: true, data }), parse: (data) => data };
      const schema = new Proxy(function () {}, { get: (_, key) => accept[key] ?? schema, apply: () => schema });
      export { ${['object', 'array', 'string', 'number', 'int', 'boolean', 'record', 'literal', 'union', 'enum', 'lazy', 'custom', 'any', 'unknown', 'tuple', 'optional', 'nullable', 'looseObject', 'strictObject'].map((name) => `schema as ${name}`).join(', ')} };`,
      loader: 'js',
    }));
  },
};

/** GlobalStyles names files of Grafana's server; the same open fonts come from npm and are part of the script. */
const fonts = {
  name: 'fonts',
  setup(build) {
    build.onLoad({ filter: /GlobalStyles[\\/]fonts\.mjs$/ }, () => ({
      resolveDir: here,
      loader: 'js',
      contents: `
        import { css } from '@emotion/react';
        import regular from './node_modules/inter-ui/web-latin/Inter-Regular-subset.woff2';
        import medium from './node_modules/inter-ui/web-latin/Inter-Medium-subset.woff2';
        import mono from './node_modules/@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2';
        const face = (fontFamily, fontWeight, url) => ({
          '@font-face': { fontFamily, fontWeight, fontDisplay: 'block', src: "url('" + url + "') format('woff2')" },
        });
        export const getFontStyles = () => css([face('Inter', 400, regular), face('Inter', 500, medium), face('Roboto Mono', 400, mono)]);`,
    }));
  },
};

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx'],
  outfile: path.join(out, 'app.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  jsx: 'automatic',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['browser', 'module', 'main'],
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  loader: { '.woff2': 'dataurl', '.svg': 'dataurl', '.ttf': 'dataurl', '.png': 'dataurl' },
  // rules of the last and the next years are enough for charts
  alias: { 'moment-timezone': 'moment-timezone/builds/moment-timezone-with-data-10-year-range.js' },
  plugins: [icons, fonts, schemas, unused],
  write: false,
});

fs.mkdirSync(out, { recursive: true });
const files = Object.fromEntries(result.outputFiles.map((f) => [path.basename(f.path), Buffer.from(f.contents)]));
files.NOTICE = Buffer.from(notice(result.metafile));

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What the assets are made of, so that a change without a build is seen without Node. */
export function sourceHash() {
  const all = createHash('sha256');
  const add = (file) => all.update(`${file.split(path.sep).join('/')}\0`).update(fs.readFileSync(file)).update('\0');
  const walk = (folder) =>
    fs
      .readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .forEach((e) => (e.isDirectory() ? walk(path.join(folder, e.name)) : add(path.join(folder, e.name))));
  ['build.mjs', 'notice.mjs', 'package-lock.json', 'package.json'].forEach(add);
  walk('src');
  return all.digest('hex');
}

const lines = [`${sourceHash()}  sources`];
for (const name of Object.keys(files).sort()) {
  fs.writeFileSync(path.join(out, name), files[name]);
  lines.push(`${hash(files[name])}  ${name}`);
}
fs.writeFileSync(path.join(out, 'build.sha256'), `${lines.join('\n')}\n`);

for (const [name, bytes] of Object.entries(files)) {
  console.log(`${name}: ${bytes.length} bytes, ${zlib.gzipSync(bytes, { level: 9 }).length} with gzip`);
}
if (process.argv.includes('--stats')) {
  const by = {};
  const output = Object.values(result.metafile.outputs).find((o) => o.entryPoint);
  for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file.split('/')[0];
    by[name] = (by[name] ?? 0) + bytesInOutput;
  }
  for (const [name, bytes] of Object.entries(by).sort((a, b) => b[1] - a[1]).slice(0, 40)) {
    console.log(`  ${name} ${Math.round(bytes / 1000)}k`);
  }
}
