import { gallery } from "../components/gallery/gallery.ts";
import { widget } from "../widget.ts";

export default widget(gallery);
