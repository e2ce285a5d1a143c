// Roles and names that Streamlit's elements lack. Only attributes are set, never content, so Streamlit's own code keeps
// working. Each line: selector, attribute, value.
export const REPAIRS = [
  // The navigation is a list that contains one box per section, and the boxes contain the items.
  ["[data-testid=stSidebarNavItems]", "role", "none"],
  ["[data-testid=stSidebarNavItems] > div", "role", "list"],
];

export function repair(root) {
  for (const [selector, attribute, value] of REPAIRS) {
    for (const element of root.querySelectorAll(selector)) {
      if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
    }
  }
}

export default () => {
  let isPlanned = false;
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      repair(document);
    });
  };
  const observer = new MutationObserver(plan);
  observer.observe(document.body, { childList: true, subtree: true }); // attributes of ours do not call it again
  repair(document);
  return () => observer.disconnect();
};
