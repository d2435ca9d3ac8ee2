import { embeddingMap } from "../components/map/map.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

export const part = embeddingMap;
export default widget(alone(embeddingMap, "lorairo map"), 240);
