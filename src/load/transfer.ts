/** Reads from one buffer and writes to another. */
export interface Transfer {
  readonly json: Buffer
  readonly out: Buffer
  at: number
  filled: number
  /** The first backslash from some place before `at` on. */
  backslash: number
}

const [QUOTE, SOLIDUS, BACKSLASH, UNICODE] = [0x22, 0x2f, 0x5c, 0x75]
/** Escapes that are COPY's as well: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS */
const SHARED = new Set(Buffer.from('\\bfnrt'))
const ASCII = /^00[0-7][0-9a-f]$/i
/** For fewer bytes a loop is quicker than a call into Node. */
const FEW = 24

/** Copies what stands between two quotes of JSON's as COPY writes it; false where COPY has no word for it. */
export function unquoted(transfer: Transfer, end: number): boolean {
  const { json, out } = transfer
  for (;;) {
    const slash = Math.min(nextBackslash(transfer), end)
    copy(transfer, slash)
    if (slash === end) return true
    const kind = json[slash + 1] ?? 0
    if (SHARED.has(kind)) copy(transfer, slash + 2)
    else if (kind === QUOTE || kind === SOLIDUS) {
      transfer.at += 1
      copy(transfer, slash + 2)
    } else {
      const hex = kind === UNICODE ? json.toString('latin1', slash + 2, slash + 6) : ''
      if (!ASCII.test(hex) || hex === '0000') return false
      transfer.filled += out.write(`\\x${hex.slice(2)}`, transfer.filled, 'latin1')
      transfer.at = slash + 6
    }
  }
}

/** Copies JSON as it is: to COPY a text, in which each backslash stands for itself. */
export function doubled(transfer: Transfer, end: number): void {
  while (transfer.at < end) {
    const slash = nextBackslash(transfer)
    copy(transfer, Math.min(slash + 1, end))
    if (slash < end) transfer.out[transfer.filled++] = BACKSLASH
  }
}

function nextBackslash(transfer: Transfer): number {
  const { json, at } = transfer
  if (transfer.backslash < at) {
    const next = json.indexOf(BACKSLASH, at)
    transfer.backslash = next === -1 ? json.length : next
  }
  return transfer.backslash
}

export function copy(transfer: Transfer, end: number): void {
  const { json, out } = transfer
  if (end - transfer.at > FEW) transfer.filled += json.copy(out, transfer.filled, transfer.at, end)
  else for (let at = transfer.at; at < end; at += 1) out[transfer.filled++] = json[at] ?? 0
  transfer.at = end
}
