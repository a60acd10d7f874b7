// Search and filters over the cards that stand in the page. The view is kept in the address.
const byId = (id) => document.getElementById(id);
const form = byId("filters");
const NAMES = ["topic", "family", "model", "verdict", "author"];
const ACCENTS = /\p{M}/gu;

const plain = (text) => text.normalize("NFKD").replace(ACCENTS, "").toLowerCase();
const listed = (text) => (text ? text.split("\n") : []);
const counted = (count, total, noun) => {
    const of = count === total ? "" : ` of ${total.toLocaleString("en")}`;
    const plural = (count === total ? count : total) === 1 ? noun : `${noun}s`;
    return `${count.toLocaleString("en")}${of} ${plural}`;
};

const verdicts = new Map();
for (const { value, label, dataset } of byId("verdict").options) {
    if (value) verdicts.set(dataset.code, { value, words: plain(label) });
}

function readClaim(item) {
    return { item, words: plain(item.textContent) };
}

function readReplication(item) {
    const { models, families, outcomes, authors = "" } = item.dataset;
    const words = plain(`${models} ${families} ${families.replaceAll("_", " ")} ${authors}`);
    const author = listed(authors);
    return { item, words, model: listed(models), family: listed(families), author, outcomes };
}

function readCard(card) {
    const details = card.querySelector(".claims");
    const said = ["h3", ".by"].map((part) => card.querySelector(part).textContent);
    return {
        card,
        details,
        summary: details.querySelector("summary"),
        words: plain([...said, card.dataset.topics].join(" ")),
        topic: listed(card.dataset.topics),
        author: listed(card.dataset.authors),
        claims: [...details.querySelectorAll("li")].map(readClaim),
        replications: [...card.querySelectorAll(".replications > li")].map(readReplication),
    };
}

const cards = [...document.querySelectorAll(".card")].map(readCard);
const sections = [...document.querySelectorAll(".topic")];
const total = cards.reduce((sum, card) => sum + card.replications.length, 0);

const missing = (tokens, words) => tokens.filter((token) => !words.includes(token));

// Places of the claims of one replication that have the wanted outcome and all of the words.
function claimsThatMatch(card, replication, tokens, verdict) {
    const found = [];
    card.claims.forEach((claim, place) => {
        const outcome = verdicts.get(replication.outcomes[place]);
        if (verdict && outcome?.value !== verdict) return;
        const left = missing(tokens, claim.words);
        if (missing(left, outcome?.words ?? "").length === 0) found.push(place);
    });
    return found;
}

// Which replications and claims of a card are in view; claims are picked out only if asked for.
function match(card, asked) {
    const inView = new Set();
    const claims = new Set();
    const fits = (of, name) => !asked[name] || of[name].includes(asked[name]);
    let picked = false;
    if (fits(card, "topic")) {
        const tokens = missing(asked.tokens, card.words);
        for (const replication of card.replications) {
            if (!fits(replication, "family") || !fits(replication, "model")) continue;
            if (!fits(card, "author") && !fits(replication, "author")) continue;
            const left = missing(tokens, replication.words);
            if (left.length === 0 && !asked.verdict) {
                inView.add(replication);
                continue;
            }
            const found = claimsThatMatch(card, replication, left, asked.verdict);
            if (found.length === 0) continue;
            picked = true;
            inView.add(replication);
            found.forEach((place) => claims.add(place));
        }
    }
    return { inView, claims, picked };
}

function show(card, { inView, claims, picked }) {
    card.card.hidden = inView.size === 0;
    for (const replication of card.replications) replication.item.hidden = !inView.has(replication);
    card.claims.forEach((claim, place) => {
        claim.item.hidden = picked && !claims.has(place);
    });
    const shown = picked ? claims.size : card.claims.length;
    card.summary.textContent = counted(shown, card.claims.length, "claim");
    if (picked !== (card.details.dataset.picked === "yes")) {
        card.details.open = picked;
        card.details.dataset.picked = picked ? "yes" : "no";
    }
    return inView.size;
}

function asked() {
    const values = Object.fromEntries(NAMES.map((name) => [name, byId(name).value]));
    return { ...values, tokens: plain(byId("q").value).split(/\s+/).filter(Boolean) };
}

function update() {
    const wanted = asked();
    let papers = 0;
    let replications = 0;
    for (const card of cards) {
        const count = show(card, match(card, wanted));
        papers += count > 0;
        replications += count;
    }
    for (const section of sections) {
        section.hidden = !section.querySelector(".card:not([hidden])");
    }
    byId("count").textContent =
        `${counted(papers, cards.length, "paper")}, ` +
        counted(replications, total, "replication");
    byId("nothing").hidden = papers > 0;
}

function remember() {
    const view = new URLSearchParams();
    for (const name of ["q", ...NAMES]) {
        if (byId(name).value.trim()) view.set(name, byId(name).value.trim());
    }
    const hash = view.size ? `#${view}` : "#";
    history.replaceState(null, "", hash);
}

// A value of the address that no option has leaves its filter at "any".
function restore() {
    const view = new URLSearchParams(location.hash.slice(1));
    byId("q").value = view.get("q") ?? "";
    for (const name of NAMES) {
        byId(name).value = view.get(name) ?? "";
        if (byId(name).selectedIndex < 0) byId(name).value = "";
    }
    update();
}

function changed() {
    remember();
    update();
}

function clear() {
    form.reset();
    changed();
    byId("q").focus();
}

function linkTopics() {
    for (const topic of document.querySelectorAll(".card .topics span")) {
        const link = document.createElement("a");
        link.href = `#${new URLSearchParams({ topic: topic.textContent })}`;
        link.textContent = topic.textContent;
        topic.replaceChildren(link);
    }
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", changed);
document.querySelectorAll(".clear").forEach((button) => button.addEventListener("click", clear));
window.addEventListener("hashchange", restore);
linkTopics();
form.hidden = false;
restore();
document.documentElement.dataset.ready = "yes";
