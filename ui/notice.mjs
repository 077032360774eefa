/** The licences of what is inside the assets, read from the packages themselves. */
import fs from 'node:fs';
import path from 'node:path';

const FILE = /^(licen[cs]e|copying|notice|ofl)/i;
/** Read as files by the build, not imported, so the bundler does not name them. */
const FONTS = ['inter-ui', '@fontsource/roboto-mono'];

function packageOf(file) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function licenceTexts(folder) {
  const named = fs
    .readdirSync(folder)
    .filter((name) => FILE.test(name) && fs.statSync(path.join(folder, name)).isFile())
    .sort();
  return named.map((name) => fs.readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

function licenceName({ license, licenses }) {
  return typeof license === 'string' ? license : (license?.type ?? licenses?.map((l) => l.type).join(' OR ') ?? 'see below');
}

/** Each package that put bytes into an output, with its version, its licence and the texts that it ships. */
export function notice(metafile) {
  const folders = new Set(FONTS.map((name) => `node_modules/${name}`));
  for (const output of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = packageOf(file);
      if (folder && bytesInOutput > 0) {
        folders.add(folder.replace(/^.*?node_modules/, 'node_modules'));
      }
    }
  }
  // the icons come from this package whether or not its code does
  folders.add('node_modules/@grafana/ui');
  const texts = new Map();
  for (const folder of [...folders].sort()) {
    const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const title = `${about.name} ${about.version} (${licenceName(about)})`;
    const text = licenceTexts(folder).join('\n\n') || `Licence: ${licenceName(about)}. The package ships no text of it.`;
    texts.set(text, [...(texts.get(text) ?? []), title]);
  }
  const head = 'The page of `dashgen preview` (app.js, app.css) holds parts of these packages.\n';
  const parts = [...texts].map(([text, titles]) => `${[...new Set(titles)].join('\n')}\n\n${text}`);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `${head}${line}${parts.join(line)}\n`;
}
