import { expect, test } from "vitest";
import { Plane } from "../../src/components/map/plane.ts";
import { inside, Points } from "../../src/components/map/points.ts";
import { Mark } from "../../src/protocol/map.ts";

/** A cross: 0 in the middle, 1 right, 2 above, 3 left, 4 below, 5 far right. */
function cross(): Points {
  return new Points(
    new Int32Array([10, 11, 12, 13, 14, 15]),
    new Float32Array([0, 0, 0.3, 0.05, 0, 0.3, -0.3, 0, 0, -0.3, 0.9, 0]),
  );
}

function hide(points: Points, at: number): void {
  points.marks[at] = 0;
}

test("ids and places come out of one buffer at any offset", () => {
  const bytes = new Uint8Array(1 + 24);
  new DataView(bytes.buffer, 1).setInt32(0, 7, true);
  new DataView(bytes.buffer, 1).setInt32(4, 8, true);
  for (const [at, value] of [0.5, -0.5, 0.25, 1].entries())
    new DataView(bytes.buffer, 1).setFloat32(8 + 4 * at, value, true);
  const points = Points.of(bytes.subarray(1), 2);
  expect([...points.ids]).toEqual([7, 8]);
  expect([points.place(0), points.place(1)]).toEqual([
    { x: 0.5, y: -0.5 },
    { x: 0.25, y: 1 },
  ]);
});

test("arrows go to the nearest image in their direction, past what is left out", () => {
  const points = cross();
  expect(points.towards(0, 1, 0)).toBe(1);
  expect(points.towards(0, 0, 1)).toBe(2);
  expect(points.towards(0, -1, 0)).toBe(3);
  expect(points.towards(0, 0, -1)).toBe(4);
  expect(points.towards(5, 1, 0)).toBe(-1);
  hide(points, 1);
  expect(points.towards(0, 1, 0)).toBe(5);
});

test("the pointer means what is shown before what is left out", () => {
  const points = cross();
  const plane = new Plane();
  plane.resize(248, 248);
  const right = plane.toScreen(0.3, 0.05);
  expect(points.under(plane, right.x + 3, right.y, 12)).toBe(1);
  expect(points.under(plane, right.x + 30, right.y, 12)).toBe(-1);
  hide(points, 1);
  expect(points.under(plane, right.x + 3, right.y, 12)).toBe(1);
  points.places.set([0.32, 0.05], 2 * 4);
  expect(points.under(plane, right.x, right.y, 12)).toBe(4);
});

test("a lasso takes what is shown, adds and removes", () => {
  const points = cross();
  const around = [
    { x: -0.1, y: -0.4 },
    { x: 0.4, y: -0.4 },
    { x: 0.4, y: 0.4 },
    { x: -0.1, y: 0.4 },
  ];
  const chosen = (): number[] => [...points.ids].filter((_, at) => points.selected(at));
  hide(points, 4);
  points.lasso(around, "set");
  expect(chosen()).toEqual([10, 11, 12]);
  points.choose(3, "add");
  expect(chosen()).toEqual([10, 11, 12, 13]);
  points.lasso(around, "remove");
  expect(chosen()).toEqual([13]);
  expect(points.marks[4]).toBe(0);
  expect(points.marks[0]).toBe(Mark.shown);
});

test("a line that crosses itself leaves its hole out", () => {
  const bow = Float64Array.from([0, 0, 4, 4, 4, 0, 0, 4]);
  expect([inside(1, 2, bow), inside(2, 1, bow)]).toEqual([true, false]);
});

test("a zoom keeps the place under the pointer, and never loses the map", () => {
  const plane = new Plane();
  plane.resize(600, 400);
  const before = plane.toMap(450, 120);
  plane.zoom(3, 450, 120);
  const after = plane.toMap(450, 120);
  expect(after.x).toBeCloseTo(before.x);
  expect(after.y).toBeCloseTo(before.y);
  plane.pan(1e6, -1e6);
  expect(plane.toScreen(-1, 0).x).toBeLessThan(600);
  expect(plane.toScreen(0, -1).y).toBeGreaterThan(0);
  plane.fit();
  expect(plane.toScreen(0, 0)).toEqual({ x: 316, y: 200 });
  plane.resize(800, 400);
  expect(plane.toScreen(0, 0)).toEqual({ x: 416, y: 200 });
});
