// All of them in one process, so that the package is packed and installed once.
import "./engines.suite.ts";
import "./package.suite.ts";
