import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import type { Component } from "../../widget.ts";

export const gallery: Component = (root) => {
  root.classList.add("lr-gallery");
};
