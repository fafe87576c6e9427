/** Asks the browser to keep the page for visits without a network. In builds only. */
export async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage('keep-page');
  } catch {
    // An insecure origin or a strict browser: the page works, only not without a network.
  }
}
