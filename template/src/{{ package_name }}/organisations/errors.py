from ..errors import Conflict, Forbidden, NotFound


class OrganisationNotFound(NotFound):
    """Also for one that there is, of which the user is no member (ASVS 5.0, 8.4.1)."""

    type = "urn:problem:organisation-not-found"
    title = "Organisation not found"


class MemberNotFound(NotFound):
    type = "urn:problem:member-not-found"
    title = "Member not found"


class InvitationNotFound(NotFound):
    type = "urn:problem:invitation-not-found"
    title = "Invitation not found"


class RoleMissing(Forbidden):
    type = "urn:problem:organisation-role-missing"
    title = "Role in the organisation missing"


class LastOwner(Conflict):
    """An organisation without an owner could not be changed or removed by anybody."""

    type = "urn:problem:last-owner"
    title = "Last owner"


class AlreadyMember(Conflict):
    type = "urn:problem:already-member"
    title = "Already a member"


class TooManyOrganisations(Conflict):
    type = "urn:problem:too-many-organisations"
    title = "Too many organisations"


class TooManyInvitations(Conflict):
    type = "urn:problem:too-many-invitations"
    title = "Too many invitations"
