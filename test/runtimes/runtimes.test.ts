// All of them in one process, so that the package is packed and installed once.
import "./browser.suite.ts";
import "./edge.suite.ts";
import "./engines.suite.ts";
import "./lab.suite.ts";
import "./package.suite.ts";
import "./page.suite.ts";
import "./page-bench.suite.ts";
import "./page-map.suite.ts";
import "./page-offline.suite.ts";
import "./page-reach.suite.ts";
import "./page-recorded.suite.ts";
import "./readme.suite.ts";
