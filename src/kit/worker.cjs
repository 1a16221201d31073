// The project's own drizzle-kit, in a process of its own: it prints to stdout, asks on the terminal, and may exit.
// Started by calls.ts with the path of drizzle-kit's API; takes calls and gives answers by message.
const { PassThrough } = require('node:stream')
const { createRequire } = require('node:module')
const { spawnSync } = require('node:child_process')
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { basename, dirname, join, relative } = require('node:path')
const { tmpdir } = require('node:os')
const { stripVTControlCharacters } = require('node:util')

const module_ = process.argv[2]
const requireFromKit = createRequire(module_)
const questions = new Map()
/** What it has asked for a second time, without saying of which schema. */
const repeated = new Set()
const heardOf = new Set()
let answers = []
/** Whoever is to know what it prints. */
let hear
const ENDED = 'drizzle-kit ended its process'
process.exit = code => {
  throw new Error(`${ENDED} with ${code}`)
}
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  stream.write = (text, ...rest) => {
    hear?.(stripVTControlCharacters(String(text)))
    return write(text, ...rest)
  }
}
// drizzle-kit 0.31 keeps the stdin that it finds when it is loaded
actAsTerminal()
const api = require(module_)

const calls = {
  /** 0.31: the snapshot of what the files export. */
  snapshot: ({ files, casing }) => {
    const values = new Set(files.flatMap(file => Object.values(load(file))))
    return api.generateDrizzleJson({ ...[...values] }, undefined, undefined, casing)
  },

  /** 1.0 has its loader of TypeScript in `generate` only: the snapshot that it writes into an empty folder. */
  generated: async ({ files }) => {
    const { generate } = requireFromKit('drizzle-kit/cli')
    const folder = mkdtempSync(join(tmpdir(), 'drizzle-ops-'))
    const config = { dialect: 'postgresql', schema: files, out: relative('', join(folder, 'out')) }
    try {
      const outcome = await generate(config)
      if (outcome.status === 'error') {
        const { message = ENDED } = outcome.error ?? {}
        throw new Error(message.startsWith(ENDED) ? complaint(config, folder) : message)
      }
      if (outcome.status === 'no_changes') return null
      const snapshot = JSON.parse(
        readFileSync(join(dirname(outcome.migration_path), 'snapshot.json'), 'utf8'),
      )
      const migration = basename(dirname(outcome.migration_path))
      return snapshot.ddl ? snapshot : await api.reconstruct({ [migration]: snapshot }, snapshot.id)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },

  /** 0.31 writes a migration by its command only. */
  commanded: async ({ bin, args, answers: given }) => {
    answers = given
    forget()
    process.argv.splice(2, process.argv.length, ...args)
    delete require.cache[bin]
    const said = await untilItEnds(() => require(bin))
    return { asks: questions.size > 0, said }
  },

  /** 1.0 */
  written: config => requireFromKit('drizzle-kit/cli').generate(config),

  reconstruct: ({ snapshots, id }) => api.reconstruct(snapshots, id),

  /** 0.31: whoever is asked about a rename and has no answer says that it is new, and the question is told. */
  asked: async ({ from, to, answers: given }) => {
    answers = given
    forget()
    const statements = await api.generateMigration(from, to)
    return { statements, questions: [...questions.values()], repeated: [...repeated] }
  },

  /** 1.0 */
  hinted: async ({ from, to, hints }) => {
    try {
      return { statements: await api.generateMigration(from, to, { hints }), questions: [] }
    } catch (error) {
      if (!error?.missingHints) throw error
      return { statements: [], questions: error.missingHints }
    }
  },
}

process.on('message', async ({ id, call, argument }) => {
  try {
    process.send({ id, result: await calls[call](argument) })
  } catch (error) {
    process.send({
      id,
      error: { message: String(error?.message ?? error), stack: String(error?.stack ?? '') },
    })
  }
})

/** What is wrong with a schema it tells people only. */
function complaint(config, folder) {
  const file = join(folder, 'drizzle.config.mjs')
  writeFileSync(file, `export default ${JSON.stringify(config)}`)
  const bin = join(dirname(module_), 'bin.cjs')
  const { stderr } = spawnSync(process.execPath, [bin, 'export', `--config=${relative('', file)}`], {
    encoding: 'utf8',
  })
  return stripVTControlCharacters(stderr)
    .replaceAll(/^\s*(Warning|Error)\s+/gm, '')
    .trim()
}

const LAST_WORDS = /No schema changes|Your SQL migration file/

/** It ends when nothing is left to do; but a schema's timers may go on, and so its last words are enough. */
function untilItEnds(start) {
  return new Promise(resolve => {
    let said = ''
    const end = () => {
      process.off('beforeExit', end)
      process.channel.ref()
      hear = undefined
      resolve(said)
    }
    hear = text => {
      said += text
      if (LAST_WORDS.test(text)) setImmediate(end)
    }
    process.on('beforeExit', end)
    process.channel.unref()
    start()
  })
}

/** As drizzle-kit 0.31 does: everything through require, TypeScript through its own transpiler. */
function load(file) {
  load.ready ??= registerTranspiler()
  return require(file)
}

function registerTranspiler() {
  for (const [name, start] of [
    ['tsx/cjs/api', ({ register }) => register()],
    ['esbuild-register/dist/node', ({ register }) => register({ format: 'cjs', loader: 'ts' })],
  ]) {
    try {
      start(requireFromKit(name))
      return true
    } catch {}
  }
  return true
}

/** A person at a terminal who knows the answers. */
function actAsTerminal() {
  let asking = false
  const stdin = new PassThrough()
  stdin.isTTY = true
  stdin.setRawMode = on => {
    asking = on
    return stdin
  }
  Object.defineProperty(process, 'stdin', { value: stdin })
  process.stdout.isTTY = true
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text, ...rest) => {
    const question = asking && questionIn(stripVTControlCharacters(String(text)))
    if (!question) return write(text, ...rest)
    // it prints the question again with each key
    asking = false
    setImmediate(() => press(stdin, choiceOf(question)))
    return true
  }
}

const QUESTION = /Is (.+?) (?:column in (.+) table|(\w+)) created or renamed from another \w+\?\n([\s\S]*)$/
const RENAMED = /~ (.+) › /

function questionIn(text) {
  const [, name, table = '', kind = 'column', choices] = QUESTION.exec(text) ?? []
  if (name === undefined) return undefined
  const candidates = choices.split('\n').flatMap(line => RENAMED.exec(line)?.[1] ?? [])
  return { kind, name, table, candidates }
}

function forget() {
  for (const memory of [questions, repeated, heardOf]) memory.clear()
}

/** The first choice is that it is new. */
function choiceOf(question) {
  const { kind, name, table, candidates } = question
  const answer = answers.find(each => each.kind === kind && each.name === name && each.table === table)
  const key = JSON.stringify([kind, table, name])
  if (heardOf.has(key)) repeated.add(table === '' ? name : `${table}.${name}`)
  heardOf.add(key)
  if (!answer) questions.set(key, question)
  return answer?.from ? candidates.indexOf(answer.from) + 1 : 0
}

function press(stdin, choice) {
  for (let step = 0; step < choice; step += 1) stdin.emit('keypress', undefined, { name: 'down' })
  stdin.emit('keypress', undefined, { name: 'return' })
}
