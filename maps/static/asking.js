// How is the server asked, and what went wrong, in words for whoever asked?
"use strict";

(function () {
  const { t } = wangge;
  const PATIENCE_MS = 30000;

  // Answers with the body; a refusal is thrown with its status and body.
  wangge.askServer = async (path, parameters, plan) => {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined));
    if (plan) query.set("plan", plan);
    const reply = await fetch(`${path}?${query}`, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    const body = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(typeof body.detail === "string" ? body.detail : ""), { status: reply.status, body });
    return body;
  };

  wangge.explainRefusal = ({ status }, kind) => {
    if (status === 404 && kind === "grid") return t("No grid has or had this code by the chosen date.");
    if (status === 404) return t("No boundaries are in force on this date.");
    if (status === 422 && kind === "address") return t("This is no address or no date that can be looked up. Shorten the address or choose another date.");
    if (status === 422) return t("This is no place or no date that can be looked up.");
    if (status === 503) return t("The server is not ready yet. Try again in a moment.");
    if (status === 502 || status === 504) return t("The map service that was asked about this address does not answer. Try again in a moment.");
    return status ? t("Something went wrong on the server.") : t("The server does not answer. Is it still running?");
  };
})();
