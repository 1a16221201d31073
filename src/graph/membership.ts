import { quoted } from '../database/identifier.ts'
import { relationOf, type Table } from './graph.ts'
import type { Node, Source } from './nodes.ts'

/** What FROM and WHERE say of rows under an alias. */
export interface Rows {
  readonly from: string
  readonly where: string
}

/** SQL that tells which rows are collected. Every method takes aliases that the statement around it has chosen. */
export interface Membership {
  /** True for the rows of the root that were asked for. */
  isRoot(row: string): string
  /** True for the rows of a node. */
  isMember(node: Node, row: string): string
  rows(node: Node, row: string, among?: Among): Rows
  /** Rows that a source leads to, from all or some of its node's rows. */
  reached(source: Source, row: string, among?: Among): Rows
}

/** Which of the rows that are kept by their places: those found in one step, or in the steps before one, or the one at hand. */
export type Among = { readonly step: number } | { readonly before: number } | 'last'

/** Where the places of rows are kept: a temporary table, or what a statement finds for itself. */
export type Places = 'pg_temp.collected' | 'collected'

export function membership(isRoot: (row: string) => string, places: Places): Membership {
  let aliases = 0
  const alias = (word: string) => {
    aliases += 1
    return `${word}${aliases}`
  }

  const isMember = (node: Node, row: string): string => {
    if (node.kind === 'root') return isRoot(row)
    if (node.kind === 'keys') {
      const place = alias('place')
      return `EXISTS (SELECT FROM ${places} AS ${place} WHERE ${isAt(place, node, row)})`
    }
    const sources = node.kind === 'bound' ? node.binding : node.sources
    return sources.map(source => `EXISTS (${comesBy(source, row)})`).join(' AND ')
  }

  const comesBy = ({ reference, from, direction, rule }: Source, row: string): string => {
    const other = alias('other')
    const conditions =
      direction === 'down'
        ? [reference.match(row, other), ...wanted(rule.where, reference.from, row)]
        : [reference.match(other, row)]
    return `SELECT FROM ${relationOf(from.table)} AS ${other} WHERE ${[...conditions, isMember(from, other)].join(' AND ')}`
  }

  const isAt = (place: string, node: Node, row: string, among?: Among) =>
    [
      `${place}.n = ${node.number}`,
      ...(typeof among === 'object'
        ? ['step' in among ? `${place}.step = ${among.step}` : `${place}.step < ${among.before}`]
        : []),
      `${place}.r = ${row}.tableoid`,
      `${place}.c = ${row}.ctid`,
    ].join(' AND ')

  const rows = (node: Node, row: string, among?: Among): Rows => {
    const from = `${relationOf(node.table)} AS ${row}`
    if (node.kind !== 'keys') return { from, where: isMember(node, row) }
    if (among === 'last') return { from, where: isAt('last', node, row) }
    const place = alias('place')
    return { from: `${once(places, among)} AS ${place}, ${from}`, where: isAt(place, node, row, among) }
  }

  const reached = (source: Source, row: string, among?: Among): Rows => {
    const { reference, from, direction, rule } = source
    const other = alias('other')
    const start = rows(from, other, among)
    if (direction === 'up') {
      return {
        from: `${start.from}, ${relationOf(reference.to)} AS ${row}`,
        where: `${start.where} AND ${reference.match(other, row)}`,
      }
    }
    const conditions = [reference.match(row, other), ...wanted(rule.where, reference.from, row)].join(' AND ')
    if (rule.limit === undefined) {
      return {
        from: `${start.from}, ${relationOf(reference.from)} AS ${row}`,
        where: `${start.where} AND ${conditions}`,
      }
    }
    const first = `SELECT ${row}.tableoid, ${row}.ctid, ${row}.* FROM ${relationOf(reference.from)} AS ${row} WHERE ${conditions} ORDER BY ${orderOf(reference.from, row)} LIMIT ${rule.limit}`
    return { from: `${start.from}, LATERAL (${first}) AS ${row}`, where: start.where }
  }

  return { isRoot, isMember, rows, reached }
}

/** A query that counts steps may find a place several times; the temporary table's key keeps it once. */
function once(places: Places, among: Among | undefined): string {
  if (places === 'pg_temp.collected') return places
  return `(SELECT DISTINCT n, r, c${among === undefined ? '' : ', step'} FROM ${places})`
}

/** A condition of the user's own, in whose text columns go by their bare names. */
export function wanted(condition: string | undefined, { name }: Table, row: string): string[] {
  return condition === undefined
    ? []
    : [`(SELECT (${condition}\n) FROM (SELECT ${row}.*) AS ${quoted(name)})`]
}

/** The same order on every server: by what tells rows apart, text by its bytes; where nothing does, by the whole row. */
export function orderOf({ identity, textual }: Table, row: string): string {
  if (identity === null) return `${row}::text COLLATE "C"`
  return identity
    .map(column => `${row}.${quoted(column)}${textual.includes(column) ? ' COLLATE "C"' : ''}`)
    .join(', ')
}
