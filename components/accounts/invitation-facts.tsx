import { useTranslations } from "next-intl";
import type { InvitationOffer } from "#lib/invitations/schema.ts";

/** Who invited whom to what. */
export function InvitationFacts({ offer }: { offer: InvitationOffer }) {
  const t = useTranslations("accounts.invitation");
  const roles = useTranslations("accounts.roles");
  const facts = [
    ...(offer.place === null ? [] : [[t(offer.place.kind), offer.place.name]]),
    ...(offer.role === null ? [] : [[t("role"), roles(offer.role)]]),
    ...(offer.inviterName === null ? [] : [[t("inviter"), offer.inviterName]]),
    [t("for"), offer.email],
  ];
  return (
    <dl className="divide-y rounded-control border">
      {facts.map(([name, value]) => (
        <div key={name} className="grid grid-cols-[8rem_1fr] gap-3 px-3 py-2">
          <dt className="text-dim">{name}</dt>
          <dd className="min-w-0 font-medium wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
