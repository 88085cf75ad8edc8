// Runs the cells of one page: a module worker that holds Pyodide. live.js starts it at the reader's first Run and may end
// it at any time. What it computes it sends back as messages: status lines, and what live_cells.py says about a cell.

const here = new URL("./", import.meta.url);
let python; // live_cells.py, as a Pyodide module
let pyodide;
let problem = ""; // what is wrong with a file of the runtime, in words
let started = false;
let giveUp; // ends the start: where a file is missing, Pyodide may wait for it for ever
const failure = new Promise((_, reject) => (giveUp = reject));
failure.catch(() => {}); // it matters to the start only

const say = (kind, content) => self.postMessage({ kind, content });

/** Let every file of the runtime arrive as the build wrote it, or not at all. */
function guardFetch(folder, digests) {
  const fetchPlainly = self.fetch;
  self.fetch = async (request, options) => {
    const address = new URL(typeof request === "string" ? request : (request.url ?? request), here);
    const name = decodeURIComponent(address.pathname.split("/").pop());
    if (!address.href.startsWith(folder) || !(name in digests)) return fetchPlainly(request, options);
    const bytes = digests[name].match(/../g).map((pair) => Number.parseInt(pair, 16));
    const integrity = `sha256-${btoa(String.fromCharCode(...bytes))}`;
    try {
      const response = await fetchPlainly(address.href, { ...options, integrity });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response;
    } catch (error) {
      problem ||= await whatIsWrong(fetchPlainly, address, name);
      giveUp(new Error(problem));
      throw error;
    }
  };
}

async function whatIsWrong(fetchPlainly, address, name) {
  try {
    const response = await fetchPlainly(address.href, { method: "HEAD", cache: "no-store" });
    if (response.ok) return `${name} is not the file that was published`;
    return `${name} is missing on the site (status ${response.status})`;
  } catch {
    return `${name} could not be loaded; is there a connection?`;
  }
}

/** Import a script of the runtime after its bytes have been checked. */
async function importChecked(address) {
  await (await self.fetch(address)).arrayBuffer();
  return import(address);
}

async function start({ manifest, interrupt }) {
  const runtime = new URL(`${manifest.folder}/`, here).href;
  guardFetch(runtime, manifest.files);
  const size = Math.round(manifest.bytes / 1e6);
  say("status", `Starting Python: loading ${size} MB, once …`);
  const helper = fetch(new URL(`live_cells.py?v=${manifest.assets}`, here)).then((response) => {
    if (!response.ok) throw new Error(`live_cells.py is missing on the site (status ${response.status})`);
    return response.text();
  });
  helper.catch(() => {}); // it is awaited below; a failure before that is no unhandled one
  await (await self.fetch(`${runtime}pyodide.asm.js`)).arrayBuffer(); // checked here, imported by pyodide.mjs
  const { loadPyodide } = await importChecked(`${runtime}pyodide.mjs`);
  const loading = loadPyodide({
    indexURL: runtime,
    packageBaseUrl: runtime,
    lockFileURL: `${runtime}${manifest.lock}`,
    packages: ["numpy", "course_lib"],
    env: { HOME: "/home/pyodide", MPLBACKEND: "module://live_cells", OPENBLAS_NUM_THREADS: "1" },
    stdout: () => {},
    stderr: () => {},
  });
  pyodide = await Promise.race([loading, failure]);
  requireLoaded(["numpy", "course_lib"]);
  if (interrupt) pyodide.setInterruptBuffer(interrupt);
  pyodide.FS.writeFile("/home/pyodide/live_cells.py", await helper);
  python = pyodide.pyimport("live_cells");
  python.connect((kind, content) => say(kind, JSON.parse(content)));
  started = true;
}

/** Pyodide reports a package that failed in its log only. */
function requireLoaded(names) {
  const missing = names.filter((name) => !(name in pyodide.loadedPackages));
  if (missing.length) throw new Error(`${missing.join(" and ")} could not be loaded`);
}

async function run({ source, number }) {
  const needed = python.packages_for(source).toJs().filter((name) => !(name in pyodide.loadedPackages));
  if (needed.length) {
    say("status", `Loading ${needed.join(", ")} …`);
    await pyodide.loadPackage(needed, { messageCallback: () => {}, errorCallback: () => {} });
    requireLoaded(needed);
    python.loaded(needed);
  }
  say("status", "Running …");
  return python.run(source, number);
}

// What nobody catches is a crash of Pyodide itself: the answer to the running cell would never come. During the start
// it may be a file that has not arrived, and what is wrong with that is about to be said.
function crashed(error) {
  if (started) say("crashed", String(error?.message ?? error));
  else setTimeout(() => giveUp(error), 1000);
}
self.addEventListener("unhandledrejection", (event) => crashed(event.reason));
self.addEventListener("error", (event) => crashed(event.error ?? event.message));

// One message at a time; live.js sends the next when it has the answer to the last.
self.onmessage = async ({ data }) => {
  try {
    say("done", data.kind === "start" ? await start(data) : await run(data));
  } catch (error) {
    const fatal = error.pyodide_fatal_error && !problem;
    say(fatal ? "crashed" : "failed", problem || String(error.message ?? error));
    problem = "";
  }
};
