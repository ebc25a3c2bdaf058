// The page of one queue: its charts, and its figures, which ask for themselves.
import { drawCharts } from "./charts/page.js";
import "./refresh.js";

for (const place of document.querySelectorAll("[data-charts]")) drawCharts(place);
