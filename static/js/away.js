// On the page that says that the store is away: loads it again as soon as the store answers.
document.addEventListener("queueflow:store", (event) => {
  if (!event.detail.away) location.reload();
});
