import type { Session } from "./session.ts";

/** Narrows the search by one more term, so that the gallery shows what is spoken of. */
export async function searchAlso(session: Session, term: string): Promise<void> {
  try {
    const { ok } = await session.channel.request("narrow", { change: { kind: "also", query: term }, live: false });
    session.around.searched(ok);
    session.around.say(`Searching for ${term}`);
  } catch (error) {
    session.refused(error);
  }
}

/** What finds the images that some providers refused. */
export function refusedBy(providers: readonly string[]): string {
  return [...new Set(providers)].map((provider) => `refused:${provider}`).join(" OR ");
}
