from ..errors import Conflict, Forbidden, NotFound


class OrganisationNotFound(NotFound):
    """Organisation that does not exist, or of which the user is not a member (ASVS 5.0, 8.4.1)."""

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
    """Last owner: without an owner, nobody could remove the organisation or make others owners."""

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
