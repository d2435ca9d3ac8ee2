// What came of a run of services, in words.

import { counted, dollars, number } from "../../format.ts";
import type { Account } from "../../protocol/models.ts";
import type { Job } from "../../protocol.ts";

/** "1,221 captioned, 2 refused, $0.39". */
export function cameTo({ answered, refused, unknown, cost }: Account): string {
  const total = refused.reduce((sum, [, images]) => sum + images, 0);
  const parts = [
    `${number(answered)} answered`,
    total > 0 && `${number(total)} refused`,
    unknown > 0 && `${number(unknown)} with an unknown outcome`,
    cost !== null && cost > 0 && dollars(cost),
  ];
  return parts.filter(Boolean).join(", ");
}

/** Why a run stopped by itself, such as its budget; null where somebody stopped it. */
export function halted({ state, label }: Pick<Job, "state" | "label">): string | null {
  return state === "stopped" && !/^Stopped at [\d,]+\. Resume$/.test(label) ? label : null;
}

/** Who refused how many, one sentence each. */
export function refusals({ refused }: Account): string[] {
  return refused.map(([provider, images]) => `${provider} refused ${counted(images, "image")}: content policy.`);
}

/** Images that services refused in a run. */
export function refusedOf(account: Account | null | undefined): number {
  return account?.refused.reduce((sum, [, images]) => sum + images, 0) ?? 0;
}

/** Images of a run that came to nothing, but for those that services refused or that were left out. */
export function failedOf({ account, failed }: { account?: Account | null; failed: number }): number {
  return account ? account.failed : failed;
}

/** "$0.21 so far"; empty where nothing was paid, or nobody knows. */
export function spentOf({ account }: Pick<Job, "account">): string {
  return account?.cost ? `${dollars(account.cost)} so far` : "";
}

/** What finds the images that they refused. */
export function refusedQuery({ refused }: Account): string {
  return refused.map(([provider]) => `refused:${provider}`).join(" OR ");
}
