import type { Context } from '../command.ts'
import type { Project } from '../project/project.ts'
import { finding, type Verdict, worst } from './check.ts'
import type { HealthSettings } from './options.ts'
import type { DrizzleFix } from './remedy.ts'
import type { Found } from './run.ts'
import { type Baseline, type IgnoreUse, ignoreUses, type Suppression, suppressionOf } from './suppress.ts'

/** A finding as the document shows it. */
export interface CheckResult extends Omit<Found, 'remedy'> {
  /** What to change in the schema's code, where it can be loaded and declares the object. */
  readonly drizzle: DrizzleFix | null
  /** Why it does not count; null where it does. */
  readonly suppressed: Suppression | null
}

/** The verdict, without what is ignored or was known before. */
export interface Examined {
  readonly status: Verdict
  readonly checks: readonly CheckResult[]
  readonly ignores: readonly IgnoreUse[]
}

/** What counts of the findings, and what ends each in the schema's code. */
export async function examined(
  found: readonly Found[],
  settings: HealthSettings,
  baseline: Baseline,
  code: { readonly context: Context; readonly project: Project | undefined },
): Promise<Examined> {
  const today = new Date().toISOString().slice(0, 10)
  const fixes = await drizzleFixes(found, code)
  const checks = found.map(({ remedy, ...rest }, index) => ({
    ...rest,
    drizzle: fixes[index] ?? null,
    suppressed: suppressionOf(rest, settings.ignore, baseline, today),
  }))
  return {
    status: worst(checks.filter(({ suppressed }) => suppressed === null)),
    checks,
    ignores: ignoreUses(settings.ignore, found, today),
  }
}

/** The schema's code is loaded only if there is something to say about it, and need not load. */
async function drizzleFixes(
  found: readonly Found[],
  { context, project }: { readonly context: Context; readonly project: Project | undefined },
): Promise<(DrizzleFix | null)[]> {
  if (!project || !found.some(({ remedy }) => remedy)) return []
  try {
    const { declaredSchema, placed } = await import('./declared.ts')
    const schema = await declaredSchema(context, project)
    return found.map(({ remedy }) => (remedy ? placed(schema, remedy) : null))
  } catch (error) {
    context.report.notice(
      `The schema's code could not be loaded: ${error instanceof Error ? error.message : error}`,
    )
    return []
  }
}

/** The finding of a server that cannot be reached. */
export function unreachableFinding(message: string, fix: string, fingerprint: string): CheckResult {
  return {
    id: 'connect',
    ...finding('critical', message, { fix }),
    fingerprint,
    drizzle: null,
    suppressed: null,
  }
}
