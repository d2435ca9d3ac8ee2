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

/** What finds the images that some models, or all of a provider, refused. */
export function refusedBy(names: readonly string[]): string {
  return names.map((name) => `refused:${name}`).join(" OR ");
}
