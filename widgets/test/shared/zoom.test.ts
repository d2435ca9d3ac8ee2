import { expect, it } from "vitest";
import { Zoom } from "../../src/components/shared/zoom.ts";

const zoomed = (width: number, height: number): Zoom => {
  const zoom = new Zoom();
  zoom.resize({ viewWidth: 400, viewHeight: 300, width, height });
  return zoom;
};

it("shows the same part of a picture of another size", () => {
  const [leader, other] = [zoomed(4000, 3000), zoomed(2000, 1500)];
  leader.to(leader.scale * 4, 100, 75);
  other.look(leader.part);
  expect(other.part.times).toBeCloseTo(4);
  expect(other.part.u).toBeCloseTo(leader.part.u);
  expect(other.part.v).toBeCloseTo(leader.part.v);
});

it("is fitted again when the other one is", () => {
  const [leader, other] = [zoomed(4000, 3000), zoomed(2000, 1500)];
  other.to(other.scale * 3, 0, 0);
  other.look(leader.part);
  expect([other.fitted, other.x, other.y]).toEqual([true, 0, 0]);
});

it("never shows what is beyond the edges", () => {
  const other = zoomed(2000, 1500);
  other.look({ u: 0, v: 1, times: 2 });
  expect([other.x, other.y]).toEqual([0, -300]);
});
