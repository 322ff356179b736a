export { Status } from "./layout.ts";
