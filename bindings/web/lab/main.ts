// The page's first file: it makes the elements known, and starts what needs no element.
import "./element/heddle-lab.ts";
