/** In pixels; apart from the chart, which is loaded later than the room for it. */
export const timeChartHeight = 220;
