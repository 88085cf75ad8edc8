// Live cells: a reader runs and changes the code of the page. This script only draws the buttons; Python (worker.js) and
// the editor (editor.js) are loaded when somebody first presses Run or Edit. Without it the page is the book as built.

(() => {
  "use strict";

  const here = new URL("./", document.currentScript.src);
  const LEAVE = "Shift+Enter runs the cell. Tab sets in; press Escape and then Tab to leave the editor.";
  const GONE = "so what the cells had computed is gone; “Run all above” brings it back.";
  const PATIENCE = 10000; // milliseconds that a busy computer may take to stop a cell and keep the rest
  const cells = [];
  let manifest; // what the build says about the runtime, once it has been asked

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "onclick") made.addEventListener("click", value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };

  /** Return runtime.json, asked for once; an error is a sentence for the reader. */
  async function readManifest() {
    if (manifest) return manifest;
    if (location.protocol === "file:") {
      throw new Error("pages opened from a file cannot load Python; read the book through a web server (make serve)");
    }
    const response = await fetch(new URL("runtime.json", here), { cache: "no-cache" });
    if (!response.ok) throw new Error(`the site has no runtime.json (status ${response.status})`);
    manifest = await response.json();
    return manifest;
  }

  /** Thrown where Python has ended and taken with it what the cells had computed: "ended" by Stop, or "crashed". */
  class Gone extends Error {
    constructor(outcome, message) {
      super(message);
      this.outcome = outcome;
    }
  }

  // --- Python ---------------------------------------------------------------------------------------------------

  /** The one Python of the page. It runs one cell at a time; cells that wait stand in `queue`. */
  const python = {
    worker: null,
    stopping: null, // the answer that was waited for when Stop was pressed; at a second press Python ends
    interrupt: null, // shared memory by which a running cell can be interrupted, where the browser allows it
    queue: [],
    running: null,
    answer: null, // what to call with the worker's answer: { resolve, reject }

    async start() {
      if (this.worker) return;
      const what = await readManifest();
      if (!what.available) throw new Error("this copy of the book was built without Python for the browser");
      if (typeof WebAssembly !== "object") throw new Error("this browser has no WebAssembly, or has it switched off");
      const worker = new Worker(new URL(`worker.js?v=${what.assets}`, here), { type: "module" });
      this.worker = worker;
      this.interrupt = self.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : null;
      worker.onmessage = ({ data }) => {
        if (worker === this.worker) this.receive(data.kind, data.content);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.receive("failed", "worker.js could not be loaded from the site");
      };
      try {
        await this.ask({ kind: "start", manifest: what, interrupt: this.interrupt });
      } catch (error) {
        this.end();
        throw error;
      }
    },

    ask(message) {
      return new Promise((resolve, reject) => {
        this.answer = { resolve, reject };
        this.worker.postMessage(message);
      });
    },

    receive(kind, content) {
      if (kind === "done") this.answer?.resolve(content);
      else if (kind === "crashed") {
        const { answer } = this;
        this.end();
        answer?.reject(new Gone("crashed", content));
      } else if (kind === "failed") this.answer?.reject(new Error(content));
      else this.running?.receive(kind, content);
    },

    end() {
      this.worker?.terminate();
      this.worker = null;
      this.answer = null;
    },

    /** Run cells in order; an error or Stop leaves out those that still wait. */
    async run(wanted) {
      this.queue.push(...wanted.filter((cell) => !this.queue.includes(cell)));
      for (const cell of wanted) if (cell !== this.running) cell.waits();
      if (this.running) return;
      while (this.queue.length) {
        const cell = this.queue.shift();
        this.running = cell;
        cell.begins();
        let outcome;
        try {
          await this.start();
          cell.began = performance.now();
          if (this.interrupt) this.interrupt[0] = 0;
          outcome = await this.ask({ kind: "run", source: cell.source(), number: cell.number });
        } catch (error) {
          outcome = error;
        }
        this.running = null;
        cell.ends(outcome);
        if (outcome !== "ok") this.forget();
      }
    },

    forget() {
      for (const cell of this.queue.splice(0)) cell.waitsNoMore();
    },

    /** Interrupt the running cell; where that is impossible or does not help, end Python and all it knows. */
    stop() {
      this.forget();
      const { running, answer } = this;
      if (!running) return;
      if (this.interrupt && running.began && this.stopping !== answer) {
        this.stopping = answer;
        this.interrupt[0] = 2;
        running.say("Stopping … (press again to end Python at once)");
        setTimeout(() => this.answer === answer && this.giveUp(answer), PATIENCE);
      } else {
        this.giveUp(answer);
      }
    },

    giveUp(answer) {
      this.end();
      answer?.reject(new Gone("ended"));
    },
  };

  // --- the editor -------------------------------------------------------------------------------------------------

  let editorModule = null;
  async function loadEditor() {
    const version = (await readManifest()).assets;
    editorModule ??= import(new URL(`editor.js?v=${version}`, here).href);
    return editorModule;
  }

  // --- a cell -----------------------------------------------------------------------------------------------------

  class Cell {
    constructor(root, number) {
      this.root = root;
      this.number = number;
      this.input = root.querySelector(".cell_input");
      this.stored = root.querySelector(".cell_output"); // what the book printed; null if the cell printed nothing
      this.shown = this.stored;
      this.original = this.input.querySelector("pre").textContent.replace(/\n$/, "");
      this.editor = null;
      this.drawBar();
    }

    drawBar() {
      const button = (text, onclick, hidden) => {
        const made = element("button", { type: "button", onclick }, text);
        made.hidden = Boolean(hidden);
        return made;
      };
      this.runButton = button("Run", () => python.run([this]));
      this.stopButton = button("Stop", () => python.stop(), true);
      this.editButton = button("Edit", () => this.edit(true));
      this.aboveButton = button("Run all above", () => python.run(cells.slice(0, this.number - 1)), this.number === 1);
      this.resetButton = button("Reset", () => this.reset(), true);
      this.status = element("span", { class: "live-status", role: "status", "aria-live": "polite" });
      this.bar = element(
        "div",
        { class: "live-bar", role: "group", "aria-label": `Code cell ${this.number}` },
        this.runButton,
        this.stopButton,
        this.editButton,
        this.aboveButton,
        this.resetButton,
        this.status,
      );
      // A folded cell can be run without being unfolded, unless its output is folded away with it.
      const fold = this.input.closest("details");
      const inside = !fold || !this.root.contains(fold) || this.root.classList.contains("tag_hide-cell");
      (inside ? this.input : fold).after(this.bar);
    }

    source() {
      return this.editor ? this.editor.source() : this.original;
    }

    say(text) {
      this.status.textContent = text;
    }

    /** Turn the code into an editor; the page's own listing stays until it is there. */
    async edit(focus) {
      if (!this.editor) {
        try {
          const { createEditor } = await loadEditor();
          if (!this.editor) {
            const place = element("div", { class: "live-editor" });
            this.editor = createEditor(place, this.original, {
              label: `Code of cell ${this.number}`,
              description: LEAVE,
              onRun: () => python.run([this]),
              onChange: () => this.changed(),
            });
            this.listing = [...this.input.children];
            this.input.replaceChildren(place);
            this.editButton.hidden = true;
          }
        } catch (error) {
          return this.say(`The editor could not be loaded: ${error.message}.`);
        }
      }
      if (focus) {
        const fold = this.input.closest("details");
        if (fold) fold.open = true;
        this.editor.focus();
      }
    }

    changed() {
      this.resetButton.hidden = false;
    }

    /** Show what the book shows: its code and its output. What Python has computed stays. */
    reset() {
      if (this.editor) {
        this.input.replaceChildren(...this.listing);
        this.editor = null;
        this.editButton.hidden = false;
      }
      this.show(this.stored);
      this.resetButton.hidden = true;
      this.say("Code and output are as in the book.");
      this.runButton.focus();
    }

    // --- running ---

    waits() {
      this.say("Waiting …");
      this.stopButton.hidden = false;
    }

    waitsNoMore() {
      this.say("Not run.");
      this.stopButton.hidden = true;
    }

    begins() {
      this.began = 0;
      this.pending = element("div", { class: "cell_output live-output" });
      this.figures = this.stored ? [...this.stored.querySelectorAll("figure")] : [];
      this.images = this.stored ? [...this.stored.querySelectorAll(":scope > .output img, :scope > img, figure img")] : [];
      this.stopButton.hidden = false;
      this.resetButton.hidden = false;
      this.root.classList.add("live-running");
      this.root.removeAttribute("data-live");
      if (!python.worker) this.say("Starting Python …");
      void this.edit(false);
    }

    ends(outcome) {
      const seconds = this.began ? (performance.now() - this.began) / 1000 : 0;
      this.stopButton.hidden = true;
      this.root.classList.remove("live-running");
      const words = {
        ok: `Done in ${seconds < 1 ? seconds.toFixed(2) : seconds.toFixed(1)} s.`,
        error: this.problem,
        stopped: "Stopped. What the cells have computed is kept.",
        ended: `Stopped. Python was ended with it, ${GONE}`,
        crashed: `Python itself has crashed (${outcome.message}), ${GONE}`,
      };
      if (outcome instanceof Gone) outcome = outcome.outcome;
      if (outcome instanceof Error) {
        this.say(`The code cannot run here: ${outcome.message}. The output in the book stays as it was computed.`);
        this.root.dataset.live = "unavailable";
        return;
      }
      if (outcome === "ok" || this.pending.hasChildNodes()) this.show(this.pending);
      this.say(words[outcome]);
      this.root.dataset.live = outcome;
    }

    receive(kind, content) {
      if (kind === "status") return this.say(content);
      if (kind === "stream") this.addText(content.name, content.text);
      if (kind === "display") this.addDisplay(content);
      if (kind === "error") {
        this.problem = content.summary;
        this.add(element("pre", { class: "live-error", tabindex: "0" }, content.traceback));
      }
      this.show(this.pending);
    }

    add(node) {
      this.pending.append(element("div", { class: "output" }, node));
    }

    addText(name, text) {
      const last = this.pending.lastElementChild?.firstElementChild;
      if (last?.dataset.stream === name) last.append(text);
      else this.add(element("pre", { class: `live-${name}`, "data-stream": name, tabindex: "0" }, text));
    }

    addDisplay({ mime, content, text }) {
      if (mime === "text/plain") return this.add(element("pre", { tabindex: "0" }, content));
      if (mime === "image/png") return this.addImage(`data:image/png;base64,${content}`, text);
      const holder = element("div");
      holder.innerHTML = content;
      this.add(holder);
      // A script that is set as text does not run; one that is made does. It finds its elements once they are shown.
      this.show(this.pending);
      for (const script of holder.querySelectorAll("script")) {
        script.replaceWith(element("script", {}, script.textContent));
      }
    }

    /** Show a picture; where the book has one in its place, with that one's caption and, if the code is its, its text. */
    addImage(address, text) {
      const figure = this.figures.shift();
      const before = this.images.shift();
      const isBook = before && this.source() === this.original;
      const image = element("img", { src: address, alt: isBook ? before.alt : `Figure drawn by cell ${this.number}: ${text}` });
      if (!figure) return this.add(image);
      const copy = figure.cloneNode(true);
      copy.querySelector("img").replaceWith(image);
      this.pending.append(copy);
    }

    /** Put an output in the place of the one that is shown. */
    show(output) {
      if (output === this.shown) return;
      if (this.shown && output) this.shown.replaceWith(output);
      else if (this.shown) this.shown.remove();
      else this.bar.after(output);
      this.shown = output;
      const fold = output?.closest("details");
      if (fold && this.root.contains(fold)) fold.open = true;
    }
  }

  document.querySelectorAll(".live-cell").forEach((root, index) => cells.push(new Cell(root, index + 1)));
})();
