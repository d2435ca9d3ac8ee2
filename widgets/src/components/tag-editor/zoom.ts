/** Where a picture lies in its box: the position of its top left corner in px and its scale (1 = pixel by pixel). */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The whole picture in the middle of the box, never larger than its own pixels. */
export function fitPose(picture: Size, box: Size): Pose {
  const scale = Math.min(1, box.width / Math.max(1, picture.width), box.height / Math.max(1, picture.height));
  return { scale, x: (box.width - picture.width * scale) / 2, y: (box.height - picture.height * scale) / 2 };
}

/** One axis: a picture larger than the box covers it, a smaller one stays in the middle. */
function held(at: number, length: number, box: number): number {
  return length <= box ? (box - length) / 2 : Math.min(0, Math.max(box - length, at));
}

function inside(pose: Pose, picture: Size, box: Size): Pose {
  return {
    scale: pose.scale,
    x: held(pose.x, picture.width * pose.scale, box.width),
    y: held(pose.y, picture.height * pose.scale, box.height),
  };
}

/** Another scale with the point of the picture under `at` (in the box) kept where it is. */
export function zoomedAt(pose: Pose, scale: number, at: Point, picture: Size, box: Size): Pose {
  const ratio = scale / pose.scale;
  return inside({ scale, x: at.x - (at.x - pose.x) * ratio, y: at.y - (at.y - pose.y) * ratio }, picture, box);
}

/** Moved by some px, as far as the picture still covers its box. */
export function panned(pose: Pose, by: Point, picture: Size, box: Size): Pose {
  return inside({ ...pose, x: pose.x + by.x, y: pose.y + by.y }, picture, box);
}
