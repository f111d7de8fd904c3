import { Button } from "./button.tsx";
import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

type PageLink = { label: string; href: string };

type Props = {
  /** What the links lead through. */
  label: string;
  /** To where the list begins; null: this is it. */
  start: PageLink | null;
  onward: PageLink | null;
  size?: "md" | "sm";
  className?: string;
};

/** Below a long list: back to its start, and onward. Nothing where there is but one page. */
export function Paging({ label, start, onward, size = "md", className }: Props) {
  const links = [start, onward].filter((link) => link !== null);
  if (links.length === 0) return null;
  return (
    <nav aria-label={label} className={cn("flex justify-end gap-2", className)}>
      {links.map((link) => (
        <Button key={link.href} asChild size={size}>
          <Link href={link.href}>{link.label}</Link>
        </Button>
      ))}
    </nav>
  );
}
