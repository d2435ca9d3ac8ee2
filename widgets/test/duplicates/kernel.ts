import type { Picture } from "../../src/protocol/duplicates.ts";

/** A picture as the kernel tells of it. */
export function picture(id: number, known: Partial<Picture> = {}): Picture {
  return {
    id,
    name: `image_${id}.jpg`,
    path: `/photos/image_${id}.jpg`,
    kind: "same",
    bits: 2,
    reason: "most pixels",
    width: 640,
    height: 480,
    bytes: 100_000,
    stars: 0,
    format: "JPEG",
    sharpness: 0.5,
    excluded: false,
    tags: [],
    rejected: [],
    ...known,
  };
}
