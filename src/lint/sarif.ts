import { version } from '../../package.json'
import { CATALOGUE, type Level, RULE_NAMES } from './catalogue.ts'
import type { Finding } from './finding.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'

/** What GitHub's code scanning and editors read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function sarif(findings: readonly Finding[]): string {
  const used = RULE_NAMES.filter(rule => findings.some(finding => finding.rule === rule))
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'drizzle-ops',
            version,
            rules: used.map(id => ({ id, shortDescription: { text: CATALOGUE[id].summary } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(finding => result(finding, used.indexOf(finding.rule))),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function result({ rule, level, file, line, message, fix }: Finding, ruleIndex: number) {
  return {
    ruleId: rule,
    ruleIndex,
    level: level satisfies Level,
    message: { text: fix === null ? message : `${message}\n\n${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file) },
          region: { startLine: line },
        },
      },
    ],
  }
}
