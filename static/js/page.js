// What every page has: one module for each habit.
import "./themes.js";
import "./times.js";
import "./toasts.js";
import "./requests.js";
import "./copy.js";
import "./dialogs.js";
import "./rows.js";
import "./palette.js";
import "./keys.js";
import "./title.js";
import "./live.js";
