// One small module for each behaviour. Markup says what it wants with data- attributes; nothing is inline.
import "./theme.js";
import "./requests.js";
import "./toasts.js";
import "./floating.js";
import "./peek.js";
import "./dialogs.js";
import "./unsaved.js";
import "./copy.js";
import "./files.js";
import "./rows.js";
import "./cells.js";
import "./order.js";
import "./search.js";
import "./insert.js";
import "./keys.js";
import "./lazy.js";
import "./tabs.js";
